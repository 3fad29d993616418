package dev.lifeboat.lab.dashboards;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A dashboard as it is checked in: what people import, whatever our source says.
record CheckedIn(String file, JsonNode json) {
  static List<CheckedIn> all() {
    try (var files = Files.list(Dashboards.folder())) {
      var all = new ArrayList<CheckedIn>();
      for (var file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        all.add(
            new CheckedIn(
                file.getFileName().toString(),
                JsonMapper.shared().readTree(Files.readString(file))));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String uid() {
    return text(json, "uid");
  }

  /// Headings too.
  List<JsonNode> boxes() {
    return json.path("panels").valueStream().toList();
  }

  List<JsonNode> panels() {
    return boxes().stream().filter(box -> !text(box, "type").equals("row")).toList();
  }

  List<JsonNode> variables() {
    return json.path("templating").path("list").valueStream().toList();
  }

  List<JsonNode> annotations() {
    return json.path("annotations").path("list").valueStream().toList();
  }

  /// Of panels and annotations.
  List<String> expressions() {
    return Stream.concat(
            panels().stream().flatMap(panel -> panel.path("targets").valueStream()),
            annotations().stream())
        .map(target -> text(target, "expr"))
        .toList();
  }

  static String text(JsonNode node, String key) {
    return node.path(key).asString("");
  }

  @Override
  public String toString() {
    return file;
  }
}

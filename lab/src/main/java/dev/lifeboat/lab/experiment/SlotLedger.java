package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Minio;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What lies in a store, read without any code of the program: the backups of each slot by what
/// their manifests say, whatever they are called, and what no manifest names.
public final class SlotLedger {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<Instant, List<String>> bySlot = new TreeMap<>();
  private final List<String> orphans = new ArrayList<>();

  private SlotLedger() {}

  /// The folder of a local store.
  public static SlotLedger read(Path store) {
    return read(files(store), object -> bytes(store.resolve(object)));
  }

  /// A bucket, by a client that is not Lifeboat's.
  static SlotLedger read(Minio minio, String bucket) {
    try (var client = minio.client()) {
      Set<String> objects = new HashSet<>();
      client
          .listObjectsV2Paginator(request -> request.bucket(bucket))
          .contents()
          .forEach(object -> objects.add(object.key()));
      return read(
          objects,
          object ->
              client.getObjectAsBytes(request -> request.bucket(bucket).key(object)).asByteArray());
    }
  }

  private static SlotLedger read(Set<String> objects, Function<String, byte[]> bytes) {
    var ledger = new SlotLedger();
    Set<String> named = new HashSet<>();
    for (String object : objects) {
      if (object.endsWith(".manifest")) {
        JsonNode manifest = manifest(bytes.apply(object));
        String id = manifest.path("id").stringValue();
        if (!named.add(id) || !objects.contains(id + ".data")) {
          throw new LabException(object + " names " + id + ", which is another's or has no data");
        }
        if (manifest.has("slot")) {
          ledger
              .bySlot
              .computeIfAbsent(
                  Instant.parse(manifest.path("slot").stringValue()), _ -> new ArrayList<>())
              .add(id);
        }
      }
    }
    objects.stream()
        .filter(object -> !object.endsWith(".manifest") && !object.endsWith(".claim"))
        .filter(object -> !named.contains(id(object)))
        .sorted()
        .forEach(ledger.orphans::add);
    return ledger;
  }

  private static String id(String object) {
    return object.substring(0, Math.max(0, object.indexOf('.')));
  }

  private static JsonNode manifest(byte[] document) {
    String text = new String(document, StandardCharsets.UTF_8);
    // The last line is the signature.
    return JSON.readTree(text.substring(0, text.lastIndexOf('\n', text.length() - 2)));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> files(Path folder) {
    try (var entries = Files.list(folder)) {
      Set<String> files = new HashSet<>();
      entries.filter(Files::isRegularFile).forEach(f -> files.add(f.getFileName().toString()));
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The ids of the backups of a slot.
  public List<String> backupsOf(Instant slot) {
    return bySlot.getOrDefault(slot, List.of());
  }

  /// Data, keys and whatever else no manifest names.
  public List<String> orphans() {
    return List.copyOf(orphans);
  }
}

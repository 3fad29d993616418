package dev.lifeboat.cli;

import dev.lifeboat.backup.Kit;
import dev.lifeboat.status.Printable;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `lifeboat kit list`: what is in the kit of a backup.
@Command(
    name = "list",
    header = "Show what the recovery kit of a backup holds.",
    description = "Needs a private key, as everything that decrypts.")
final class KitListCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final KeyOption key = new KeyOption();

  @Parameters(
      paramLabel = "ID",
      arity = "0..1",
      description = "The id of a backup, or its beginning. Default: the newest that has a kit.")
  private String id = "";

  @Option(names = "--json", description = "Print the kit's index.json.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    Kit.Opened kit;
    try (OpenCatalogue open = OpenCatalogue.open(config, surroundings)) {
      kit = KitReader.read(open, id, key, surroundings);
    }
    surroundings.out().print(json ? Json.text(kit.index()) : text(kit.index()));
    return Exit.OK;
  }

  private static String text(JsonNode index) {
    JsonNode seal = index.path("seal");
    Facts facts = new Facts("recovery kit of backup " + index.path("backup").asString(""));
    facts.add(
        "cluster",
        "%s (%s)"
            .formatted(
                index.path("cluster").path("name").asString(""),
                index.path("cluster").path("id").asString("")));
    facts.add(
        "server",
        index.path("cluster").path("product").asString("")
            + " "
            + index.path("cluster").path("version").asString(""));
    facts.add(
        "seal",
        "%s, %d of %d shares, %s storage"
            .formatted(
                seal.path("type").asString(""),
                seal.path("threshold").asInt(0),
                seal.path("shares").asInt(0),
                seal.path("storage_type").asString("")));
    if (index.has("seal_key")) {
      facts.add("seal key", index.path("seal_key").toString());
    }
    index.path("custodians").forEach(name -> facts.add("custodian", name.asString("")));
    index
        .path("peers")
        .forEach(
            peer ->
                facts.add(
                    "peer",
                    "%s %s %s"
                        .formatted(
                            peer.path("id").asString(""),
                            peer.path("cluster_address").asString(""),
                            peer.path("api_address").asString(""))
                        .strip()));
    index.path("plugins").forEach(plugin -> facts.add("plugin", plugin(plugin)));
    index
        .path("files")
        .forEach(
            file ->
                facts.add(
                    "file",
                    "%s %s %s"
                        .formatted(
                            file.path("path").asString(""),
                            file.path("mode").asString(""),
                            Words.size(file.path("bytes").asLong(0)))));
    index
        .path("hashed")
        .forEach(
            file ->
                facts.add(
                    "hashed",
                    file.path("path").asString("") + " " + file.path("sha256").asString("")));
    index
        .path("unreadable")
        .forEach(
            file ->
                facts.add(
                    "NOT IN IT",
                    file.path("path").asString("") + ": " + file.path("why").asString("")));
    return facts.toString();
  }

  private static String plugin(JsonNode plugin) {
    return Printable.of(
        "%s %s %s%s"
            .formatted(
                plugin.path("mount").asString(""),
                plugin.path("type").asString(""),
                plugin.path("version").asString(""),
                plugin.has("sha256") ? " sha256 " + plugin.path("sha256").asString("") : ""));
  }

  static byte[] indexBytes(Kit.Opened kit) {
    return Json.text(kit.index()).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.NOT_FOUND,
        Exit.WRONG_KEY,
        Exit.KMS_FAILED);
  }
}

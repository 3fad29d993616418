package dev.lifeboat.backup;

import dev.lifeboat.archive.KitBox;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.unseal.SealStanza;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a cluster is built anew with, besides its data: an index and files, to be encrypted like
/// the backup that they belong to.
///
/// ```
/// index.json                  facts, and what became of each file
/// files/etc/openbao/a.hcl     the files, under their paths
/// ```
public final class Kit {
  private static final String TYPE = "lifeboat-kit/1";
  private static final int FILES_MAX = 500;
  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final int BYTES_MAX = 12 << 20;
  private static final int HASHED_BYTES_MAX = 1 << 30;
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

  private final Map<String, byte[]> files = new TreeMap<>();
  private final ObjectNode index = JSON.createObjectNode();
  private final Map<String, String> unreadable = new TreeMap<>();

  private long bytes;

  private Kit() {}

  /// What a run knows when it makes one.
  record About(BackupId id, Instant at, String node, ClusterFacts facts) {}

  /// Reads every file that is configured; what cannot be read is noted, and nothing fails.
  static Kit collect(KitConfig config, About about) {
    Kit kit = new Kit();
    kit.describe(config, about);
    ArrayNode listed = kit.index.putArray("files");
    for (Path file : kit.matching(config.files())) {
      kit.add(file, listed);
    }
    ArrayNode hashed = kit.index.putArray("hashed");
    for (Path file : kit.matching(config.hashed())) {
      kit.hash(file, hashed);
    }
    ArrayNode missing = kit.index.putArray("unreadable");
    kit.unreadable.forEach((path, why) -> missing.addObject().put("path", path).put("why", why));
    SealStanza.in(kit.files.values()).ifPresent(key -> kit.index.set("seal_key", key));
    return kit;
  }

  private void describe(KitConfig config, About about) {
    ClusterFacts facts = about.facts();
    index.put("type", TYPE).put("backup", about.id().text()).put("at", about.at().toString());
    index.put("node", about.node());
    index
        .putObject("cluster")
        .put("id", facts.cluster().id())
        .put("name", facts.cluster().name())
        .put("product", facts.cluster().product())
        .put("version", facts.cluster().version());
    ObjectNode seal = index.putObject("seal");
    seal.put("type", facts.seal().type()).put("storage_type", facts.seal().storageType());
    seal.put("shares", facts.seal().shares()).put("threshold", facts.seal().threshold());
    facts.seal().keyEpoch().ifPresent(epoch -> seal.put("key_epoch", epoch));
    ArrayNode custodians = index.putArray("custodians");
    config.custodians().forEach(custodians::add);
    ArrayNode peers = index.putArray("peers");
    for (Manifest.Peer peer : facts.peers()) {
      ObjectNode each = peers.addObject().put("id", peer.id());
      each.put("cluster_address", peer.clusterAddress());
      peer.apiAddress().ifPresent(address -> each.put("api_address", address));
    }
    ArrayNode plugins = index.putArray("plugins");
    for (ClusterFacts.Plugin plugin : facts.plugins()) {
      ObjectNode each = plugins.addObject().put("mount", plugin.mount()).put("type", plugin.type());
      each.put("version", plugin.version());
      plugin.sha256().ifPresent(sum -> each.put("sha256", sum));
    }
  }

  private List<Path> matching(List<String> patterns) {
    List<Path> found = new ArrayList<>();
    for (String pattern : patterns) {
      Path path = Path.of(pattern);
      Path folder = path.getParent();
      Path last = path.getFileName();
      if (folder == null || last == null) {
        continue;
      }
      if (!last.toString().matches(".*[*?\\[{].*")) {
        found.add(path);
        continue;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, last.toString())) {
        files.forEach(found::add);
      } catch (NoSuchFileException e) {
        // A pattern that fits nothing is no mistake: the defaults name the folders of two products.
      } catch (IOException | DirectoryIteratorException e) {
        unreadable.put(pattern, String.valueOf(e.getMessage()));
      }
    }
    return found.stream().distinct().sorted().limit(FILES_MAX).toList();
  }

  private void add(Path file, ArrayNode listed) {
    try {
      if (Files.isDirectory(file)) {
        return;
      }
      if (Files.size(file) > FILE_BYTES_MAX) {
        unreadable.put(file.toString(), "larger than 1 MiB");
        return;
      }
      byte[] content = Files.readAllBytes(file);
      bytes += content.length;
      if (bytes > BYTES_MAX) {
        unreadable.put(file.toString(), "the kit would be larger than 12 MiB");
        return;
      }
      files.put("files" + file, content);
      ObjectNode each = listed.addObject().put("path", file.toString());
      each.put("mode", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      each.put("owner", Files.getOwner(file).getName());
      each.put("bytes", content.length);
      each.put("sha256", HexFormat.of().formatHex(sha256().digest(content)));
    } catch (IOException e) {
      unreadable.put(file.toString(), why(e));
    }
  }

  private void hash(Path file, ArrayNode hashed) {
    try {
      if (Files.isDirectory(file)) {
        return;
      }
      if (Files.size(file) > HASHED_BYTES_MAX) {
        unreadable.put(file.toString(), "larger than 1 GiB");
        return;
      }
      MessageDigest digest = sha256();
      long hashedBytes = 0;
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
          hashedBytes += read;
        }
      }
      hashed
          .addObject()
          .put("path", file.toString())
          .put("bytes", hashedBytes)
          .put("sha256", HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      unreadable.put(file.toString(), why(e));
    }
  }

  private static String why(IOException e) {
    return e.getClass().getSimpleName();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// How many files it holds.
  int fileCount() {
    return files.size();
  }

  /// By path, why a file is not in it.
  Map<String, String> unreadable() {
    return unreadable;
  }

  byte[] seal(DataKey key, BackupId id) {
    var printer = new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT);
    Map<String, byte[]> all = new LinkedHashMap<>();
    String text = JSON.writer().with(printer).writeValueAsString(index) + "\n";
    all.put("index.json", text.getBytes(StandardCharsets.UTF_8));
    all.putAll(files);
    return KitBox.seal(all, key, id.text());
  }

  /// An opened one: its index, and its files by their paths.
  public record Opened(JsonNode index, Map<String, byte[]> files) {}

  static Optional<Opened> parse(Map<String, byte[]> tar) {
    byte[] text = tar.get("index.json");
    if (text == null) {
      return Optional.empty();
    }
    JsonNode index = JSON.readTree(text);
    Map<String, byte[]> files = new TreeMap<>();
    tar.forEach(
        (name, content) -> {
          if (name.startsWith("files/")) {
            files.put(name.substring("files".length()), content);
          }
        });
    return index.path("type").asString("").equals(TYPE)
        ? Optional.of(new Opened(index, files))
        : Optional.empty();
  }
}

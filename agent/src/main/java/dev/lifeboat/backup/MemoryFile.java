package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SignerKey;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A [Memory] on disk, so that neither an agent that starts nor a command at its side has to read
/// every manifest there is.
public final class MemoryFile {
  /*
   *   gzip( {"store": …, "object": …, "version": …, "manifest" | "check": …} LF      each document
   *         lifeboat-memory/1 SHA-256-of-the-lines-above IDS-OF-THE-TRUSTED-SIGNERS LF
   *         -- lifeboat-signature-1 … LF )
   *
   * The agent that read the documents and found them good says so with its own signature, instead
   * of ten thousand signatures being verified again. Whoever trusts other signers than it did, or
   * not that agent, reads the documents themselves. So does everybody when anything is odd about
   * the file: it saves time, and nothing is lost with it.
   */
  private static final System.Logger logger = System.getLogger(MemoryFile.class.getName());
  private static final String NAME = ".known-documents";
  private static final String TYPE = "lifeboat-memory/1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private MemoryFile() {}

  /// What an agent with this spool knew when it last saved it, as far as these signers are those
  /// that it trusted and its own key is among them; else nothing.
  public static Memory load(Path spool, TrustedSigners signers) {
    Path file = spool.resolve(NAME);
    try (var gzip = new GZIPInputStream(Files.newInputStream(file), 1 << 16);
        var lines = new BufferedReader(new InputStreamReader(gzip, StandardCharsets.UTF_8))) {
      return read(lines, signers);
    } catch (NoSuchFileException | AccessDeniedException e) {
      return new Memory();
    } catch (IOException | KeyException | IllegalArgumentException | JacksonException e) {
      logger.log(
          System.Logger.Level.DEBUG,
          "event=memory_not_used file=%s message=\"%s\""
              .formatted(file, SignedManifest.sentence(e).replace('"', '\'')));
      return new Memory();
    }
  }

  private static Memory read(BufferedReader lines, TrustedSigners signers) throws IOException {
    Memory memory = new Memory();
    MessageDigest digest = StoredHash.newSha256();
    String line = lines.readLine();
    for (; line != null && line.startsWith("{"); line = lines.readLine()) {
      update(digest, line);
      memory.remember(document(JSON.readTree(line), memory));
    }
    requireSigned(line, lines.readLine(), HexFormat.of().formatHex(digest.digest()), signers);
    return memory;
  }

  private static Memory.Document document(JsonNode json, Memory memory) {
    Object content =
        json.has("manifest")
            ? new SignedManifest(
                Optional.of(memory.shared(ManifestJson.parse(json.get("manifest")))),
                Optional.empty())
            : new Checks.Recorded(Optional.of(Check.parse(json.path("check"))));
    return new Memory.Document(
        text(json, "store"), text(json, "object"), text(json, "version"), content);
  }

  private static String text(JsonNode json, String key) {
    String text = json.path(key).asString("");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a document without its '%s'".formatted(key));
    }
    return text;
  }

  private static void requireSigned(
      @Nullable String statement,
      @Nullable String signature,
      String sha256,
      TrustedSigners signers) {
    if (statement == null || signature == null) {
      throw new IllegalArgumentException("it has no end");
    }
    byte[] signed =
        signers
            .open((statement + "\n" + signature + "\n").getBytes(StandardCharsets.UTF_8))
            .content();
    if (!statement(sha256, signers).equals(new String(signed, StandardCharsets.UTF_8))) {
      throw new IllegalArgumentException("it is damaged, or by a node that trusts other signers");
    }
  }

  private static String statement(String sha256, TrustedSigners signers) {
    return signers.all().stream()
        .map(SignerKey::id)
        .sorted()
        .collect(Collectors.joining(",", TYPE + " " + sha256 + " ", "\n"));
  }

  /// Writes it anew. That it cannot is logged and no more: it is read from the stores then.
  ///
  /// @param signing the node's key; may throw [KeyException]
  public static void save(
      Path spool, Memory memory, TrustedSigners signers, Supplier<SigningKey> signing) {
    Path file = spool.resolve(NAME);
    Path half = spool.resolve(NAME + ".partial");
    try {
      Files.deleteIfExists(half);
      try (FileChannel channel =
          FileChannel.open(
              half,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        var gzip = new GZIPOutputStream(Channels.newOutputStream(channel), 1 << 16);
        try (OutputStream out = new BufferedOutputStream(gzip)) {
          write(out, memory.documents(), signers, signing.get());
        }
      }
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | KeyException | JacksonException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=memory_not_saved file=%s message=\"%s\""
              .formatted(file, SignedManifest.sentence(e).replace('"', '\'')));
    }
  }

  private static void write(
      OutputStream out, List<Memory.Document> documents, TrustedSigners signers, SigningKey signing)
      throws IOException {
    MessageDigest digest = StoredHash.newSha256();
    for (Memory.Document document : documents) {
      ObjectNode json = JSON.createObjectNode();
      json.put("store", document.store());
      json.put("object", document.object()).put("version", document.version());
      switch (document.content()) {
        case SignedManifest manifest ->
            json.set("manifest", ManifestJson.tree(manifest.trusted().orElseThrow()));
        case Checks.Recorded record -> json.set("check", record.check().orElseThrow().tree());
        default -> throw new IllegalStateException("what is " + document.content());
      }
      String line = JSON.writeValueAsString(json);
      update(digest, line);
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    out.write(signing.sign(statement(sha256, signers).getBytes(StandardCharsets.UTF_8)));
  }

  private static void update(MessageDigest digest, String line) {
    digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}

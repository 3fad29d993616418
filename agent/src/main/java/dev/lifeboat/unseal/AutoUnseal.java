package dev.lifeboat.unseal;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsProbe;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// Why a node that opens itself does not: what its seal needs, and what of it is missing.
///
/// The test is made by whoever runs it, from this machine. The server has credentials of its own,
/// which can be refused where ours are not.
public final class AutoUnseal {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final long STATIC_KEY_BYTES = 32;
  private static final String FILE = "file://";

  private final UnsealConfig config;

  public AutoUnseal(UnsealConfig config) {
    this.config = config;
  }

  /// One thing that was looked at.
  ///
  /// @param hint empty when there is nothing to do
  /// @param regions of AWS that the key is in; empty when that is not known
  public record Finding(Grade grade, String text, String hint, Set<String> regions) {
    public Finding {
      regions = Set.copyOf(regions);
    }

    /// Whether it is gone with one region.
    public boolean isInOneRegion() {
      return regions.size() == 1;
    }

    /// How it fared.
    public enum Grade {
      GOOD,
      /// Nobody can tell from here.
      UNKNOWN,
      BAD
    }

    static Finding good(String text) {
      return new Finding(Grade.GOOD, text, "", Set.of());
    }

    static Finding bad(String text, String hint) {
      return new Finding(Grade.BAD, text, hint, Set.of());
    }

    static Finding unknown(String text, String hint) {
      return new Finding(Grade.UNKNOWN, text, hint, Set.of());
    }
  }

  /// What the seal stanza of the server's configuration says, of the first file that has one.
  private Optional<ObjectNode> stanza() {
    List<byte[]> files = new ArrayList<>();
    for (Path file : config.serverConfigs()) {
      try {
        files.add(Files.readAllBytes(file));
      } catch (IOException e) {
        // Said by `examine`: whoever unseals with shares does not need it.
      }
    }
    return SealStanza.in(files);
  }

  /// @param type of the seal as the node says it, such as `awskms`; empty when it does not answer
  public List<Finding> examine(Optional<String> type) {
    Optional<ObjectNode> stanza = stanza();
    if (stanza.isEmpty()) {
      return type.map(seal -> List.of(unread(seal))).orElse(List.of());
    }
    String seal = stanza.get().path("seal").asString("");
    if (type.isPresent() && !seal.equals(type.get())) {
      return List.of(
          Finding.bad(
              "the server has seal %s, and its configuration says %s".formatted(type.get(), seal),
              "see unseal.server-configs; after a change of the seal the server has to be"
                  + " restarted"));
    }
    try {
      return List.of(tried(seal, stanza.get()));
    } catch (RuntimeException e) {
      // A stanza can hold anything, templates too; what was opened must be told all the same.
      return List.of(
          Finding.unknown(
              "it needs the key that %s, which cannot be tried from here (%s)"
                  .formatted(named(stanza.get()), e.getClass().getSimpleName()),
              "the server's log says whether it answers"));
    }
  }

  private Finding tried(String seal, ObjectNode stanza) {
    return switch (seal) {
      case "awskms" -> kms(stanza);
      case "transit" -> transit(stanza);
      case "static" -> staticKey(stanza);
      default ->
          Finding.unknown(
              "it needs the key that %s".formatted(named(stanza)),
              "whether that key answers cannot be tried from here; the server's log says");
    };
  }

  private Finding unread(String seal) {
    return Finding.unknown(
        "which key its seal %s needs is not known here".formatted(seal),
        config.serverConfigs().isEmpty()
            ? "name the server's configuration in unseal.server-configs"
            : "%s cannot be read by this user, or has no seal stanza"
                .formatted(config.serverConfigs().getFirst()));
  }

  private static String named(ObjectNode stanza) {
    List<String> words = new ArrayList<>();
    stanza
        .properties()
        .forEach(
            each -> {
              if (!each.getKey().equals("seal")) {
                words.add("%s = %s".formatted(each.getKey(), each.getValue().asString("")));
              }
            });
    return words.isEmpty()
        ? "its seal stanza does not name"
        : "its seal stanza names: " + String.join(", ", words);
  }

  private Finding kms(ObjectNode stanza) {
    String key = stanza.path("kms_key_id").asString("");
    if (key.isEmpty()) {
      return Finding.unknown(
          "its seal stanza names no kms_key_id", "the server has it from its environment then");
    }
    UnsealConfig.Aws aws = config.aws();
    Optional<String> region =
        Optional.of(stanza.path("region").asString("")).filter(text -> !text.isEmpty());
    Optional<URI> endpoint =
        Optional.of(stanza.path("endpoint").asString(""))
            .filter(text -> !text.isEmpty())
            .map(text -> URI.create(text.contains("://") ? text : "https://" + text));
    KmsConfig kms =
        new KmsConfig(
            "of the seal",
            key,
            region.or(aws::region),
            endpoint.or(aws::endpoint),
            aws.caFile(),
            aws.credentials(),
            true,
            Optional.empty());
    try {
      KmsProbe.Answer answer = KmsProbe.look(kms);
      return new Finding(
          Finding.Grade.GOOD,
          "%s is enabled, encrypts and decrypts for this user; in %s%s"
              .formatted(
                  answer.arn(),
                  String.join(", ", answer.regions()),
                  answer.regions().size() == 1 ? " only" : ""),
          "",
          answer.regions());
    } catch (KeyException e) {
      String[] said = String.valueOf(e.getMessage()).split("\nhint: ", 2);
      String hint = said.length > 1 ? said[1] : "";
      return KmsProbe.isOfTheKey(e)
          ? Finding.bad(said[0], hint)
          : Finding.unknown(said[0], hint + "; the server has its own login, and its log says");
    }
  }

  private Finding transit(ObjectNode stanza) {
    String address = stanza.path("address").asString("");
    if (address.isEmpty()) {
      return Finding.unknown(
          "its seal stanza names no address of a transit server",
          "the server has it from its environment then");
    }
    if (!address.matches("https?://[^/\\s]+/?")) {
      return Finding.unknown(
          "the address of its transit server, %s, is not asked".formatted(address),
          "see whether it is open, and the server's log");
    }
    Optional<Path> ca =
        Optional.of(stanza.path("tls_ca_cert").asString(""))
            .filter(text -> text.startsWith("/"))
            .map(Path::of);
    VaultConfig other =
        new VaultConfig(
            URI.create(address.replaceFirst("/$", "")),
            List.of(),
            0,
            Optional.empty(),
            new VaultConfig.Tls(ca, Optional.empty(), Optional.empty(), Optional.empty()),
            new VaultConfig.Auth.None(),
            CONNECT,
            ANSWER);
    try (VaultClient client = VaultClient.open(other, RequestObserver.NONE)) {
      Health health = client.own().health();
      return health.sealed()
          ? Finding.bad(
              "the transit server %s is sealed itself".formatted(address), "open that one first")
          : Finding.good(
              "the transit server %s answers and is open; %s %s is still good"
                  .formatted(
                      address,
                      "the server's log says whether its token for",
                      stanza.path("key_name").asString("the key")));
    } catch (VaultException e) {
      String text = "transit server " + e.sentence();
      // Of TLS the stanza has settings that are not taken from it.
      return e.reason() == Reason.UNREACHABLE || e.reason() == Reason.TIMEOUT
          ? Finding.bad(text, "see whether it runs, and the way to it from this machine")
          : Finding.unknown(text, "the server's log says whether it reaches it");
    }
  }

  private static Finding staticKey(ObjectNode stanza) {
    String key = stanza.path("current_key").asString("");
    if (!key.startsWith(FILE)) {
      return Finding.unknown(
          "its key is read from current_key in its seal stanza",
          "the server's log says whether it is there");
    }
    Path file = Path.of(key.substring(FILE.length()));
    try {
      long size = Files.size(file);
      return size >= STATIC_KEY_BYTES
          ? Finding.good("its key file %s is there".formatted(file))
          : Finding.bad(
              "its key file %s has %d bytes".formatted(file, size), "bring back the right one");
    } catch (NoSuchFileException e) {
      return Finding.bad(
          "its key file %s is not there".formatted(file),
          "bring it back, readable by the server; the recovery kit has it when backup.kit.files"
              + " names it");
    } catch (IOException e) {
      return Finding.unknown(
          "its key file %s cannot be looked at by this user".formatted(file), "try again as root");
    }
  }
}

package dev.lifeboat.unseal;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.ShareBox;
import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.unseal.Share.Kind;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A share that only its recipients can open, as the text of a file `NAME.share`.
///
/// ```
/// {"type":"lifeboat-share/1","id":"RUN.NUMBER","of":"unseal","keys":[{…}],"box":"BASE64"}
/// ```
///
/// @param id of the run that made it and which of its shares it is; bound into both
/// @param keys the key of the box as each recipient can open it
/// @param box Base64
public record SealedShare(String id, Kind of, List<WrappedKey> keys, String box) {
  public static final String SUFFIX = ".share";
  private static final String TYPE = "lifeboat-share/1";
  private static final JsonMapper JSON = JsonMapper.shared();

  public SealedShare {
    keys = List.copyOf(keys);
  }

  /// @param clusterId bound in by recipients of KMS
  public static SealedShare seal(
      Secret share, Kind of, String id, String clusterId, List<? extends Recipient> recipients) {
    try (DataKey key = DataKey.generate()) {
      List<WrappedKey> keys = new ArrayList<>();
      for (Recipient recipient : recipients) {
        keys.add(recipient.wrapped(key, clusterId, id));
      }
      byte[] box = ShareBox.seal(share, key, id);
      return new SealedShare(id, of, keys, Base64.getEncoder().encodeToString(box));
    }
  }

  /// @param from the name of its file, for messages
  public static SealedShare parse(String text, String from) {
    try {
      JsonNode json = JSON.readTree(text);
      if (!json.path("type").asString("").equals(TYPE)) {
        throw bad(from, "is no share that lifeboat rekey has made", "is this the right file?");
      }
      List<WrappedKey> keys = new ArrayList<>();
      for (JsonNode key : json.path("keys")) {
        keys.add(WrappedKey.parse(JSON.writeValueAsBytes(key)));
      }
      return new SealedShare(
          json.path("id").asString(""),
          Kind.valueOf(json.path("of").asString("").toUpperCase(Locale.ROOT)),
          keys,
          json.path("box").asString(""));
    } catch (JacksonException | KeyException | IllegalArgumentException e) {
      throw bad(from, "is damaged", "take its other copy");
    }
  }

  public String toJson() {
    ObjectNode json = JSON.createObjectNode().put("type", TYPE).put("id", id);
    json.put("of", of.name().toLowerCase(Locale.ROOT));
    ArrayNode wrapped = json.putArray("keys");
    keys.forEach(key -> wrapped.add(JSON.readTree(key.toJson())));
    return JSON.writeValueAsString(json.put("box", box));
  }

  /// @param from the name of its file, for messages and as where the share comes from
  public Share open(Opener opener, String from) {
    WrappedKey own =
        keys.stream()
            .filter(opener::fits)
            .findFirst()
            .orElseThrow(
                () ->
                    bad(
                        from,
                        "is not for " + opener.words(),
                        "it is for "
                            + String.join(", ", keys.stream().map(SealedShare::whose).toList())));
    try (DataKey key = opener.open(own, id)) {
      Secret text = ShareBox.open(Base64.getDecoder().decode(box), key, id);
      return Share.parse(text.reveal(), from, of).orElseThrow(() -> damaged(from));
    } catch (ArchiveException | IllegalArgumentException e) {
      throw damaged(from);
    }
  }

  private static String whose(WrappedKey key) {
    return key.comment().isEmpty() ? key.recipient() : key.comment();
  }

  private static UnsealException damaged(String from) {
    return bad(from, "does not decrypt: it was changed or cut", "take its other copy");
  }

  private static UnsealException bad(String from, String what, String hint) {
    return new UnsealException("%s %s\nhint: %s".formatted(from, what, hint));
  }
}

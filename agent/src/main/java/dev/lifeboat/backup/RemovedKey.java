package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Says that the wrapped key of one recipient was taken away on purpose: the manifest, which may
/// name the recipient, stays as it was signed, and a key that is missing without this is damage.
///
/// The signed document `BACKUP.RECIPIENT.removed`:
/// `{"type":"lifeboat-removed-key/1","backup":ID,"recipient":KEYID,"at":INSTANT}`.
///
/// @param at when it was decided
record RemovedKey(String backup, String recipient, Instant at) {
  static final String TYPE = "lifeboat-removed-key/1";

  private static final int BYTES_MAX = 16 << 10;
  private static final JsonMapper JSON = new JsonMapper();

  /// Trusted and about this backup and this recipient; [KeyException] says why not.
  static RemovedKey read(Store store, BackupId id, String recipient, TrustedSigners signers) {
    byte[] document = store.read(id.removed(recipient), BYTES_MAX);
    RemovedKey removed = parse(signers.open(document).content());
    if (!removed.backup().equals(id.text()) || !removed.recipient().equals(recipient)) {
      throw bad(
          "it is about recipient %s of backup %s".formatted(removed.recipient(), removed.backup()));
    }
    return removed;
  }

  private static RemovedKey parse(byte[] content) {
    try {
      JsonNode json = JSON.readTree(content);
      String type = json.path("type").asString("");
      if (!type.equals(TYPE)) {
        throw bad("its type is '%s', expected '%s'".formatted(type, TYPE));
      }
      return new RemovedKey(
          json.path("backup").asString(""),
          json.path("recipient").asString(""),
          Instant.parse(json.path("at").asString("")));
    } catch (JacksonException | DateTimeException e) {
      throw bad("it cannot be read: " + e.getMessage());
    }
  }

  /// Ends with a line end, as what is signed must.
  byte[] toJson() {
    var json = JSON.createObjectNode().put("type", TYPE).put("backup", backup);
    json.put("recipient", recipient).put("at", at.toString());
    return (JSON.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static KeyException bad(String what) {
    return new KeyException(
        KeyException.Reason.BAD_DOCUMENT, "not the removal of a key that it is named for: " + what);
  }
}

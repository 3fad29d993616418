package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsOpener;
import dev.lifeboat.kms.KmsRecipient;
import java.util.Arrays;
import java.util.List;

/// What `lifeboat check --live` asks of each key of KMS: to wrap a data key that nobody needs, as
/// the node, and to open it again, as the second identity.
final class KmsExams {
  /// Not the id of any backup; it stands in the encryption context, and in CloudTrail.
  private static final String NOBODY = "00000000T000000Z-00000000";

  private KmsExams() {}

  static List<Exam> of(BackupConfig config) {
    return config.kms().stream().map(KmsExams::look).toList();
  }

  private static Exam look(KmsConfig kms) {
    String topic = "kms " + kms.name();
    try (DataKey key = DataKey.generate()) {
      WrappedKey wrapped = new KmsRecipient(kms).wrapped(key, "check", NOBODY);
      if (kms.decrypt().isEmpty()) {
        return Exam.ok(
            topic, "encrypts as this node; no second identity here, so nothing was decrypted");
      }
      try (DataKey opened = KmsOpener.of(kms).open(wrapped, NOBODY)) {
        return Arrays.equals(key.revealBytes(), opened.revealBytes())
            ? Exam.ok(topic, "encrypts as this node, decrypts as the second identity")
            : Exam.wrong(topic, "it opened another key than was wrapped", "", Exit.KMS_FAILED);
      }
    } catch (KeyException e) {
      return kms.required()
          ? Exam.wrong(topic, e, Exit.KMS_FAILED)
          : Exam.warning(
              topic,
              String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
              "it is not required: backups are good without it, lifeboat keys rewrap adds it");
    }
  }
}

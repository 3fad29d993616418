package dev.lifeboat.cli;

import dev.lifeboat.unseal.AutoUnseal;
import dev.lifeboat.unseal.UnsealConfig;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.util.List;
import java.util.Optional;

/// What `lifeboat check --live` asks of the seal of an open node: who opens it after its next
/// start, and whether the key of an auto-unseal answers now, while nobody needs it.
final class SealExam {
  private static final String TOPIC = "seal";

  private SealExam() {}

  static List<Exam> of(UnsealConfig config, VaultNode own) {
    SealStatus status;
    try {
      status = own.sealStatus();
    } catch (VaultException e) {
      return List.of(Exam.wrong(TOPIC, e, Failure.exit(e.reason())));
    }
    if (status.type().equals("shamir")) {
      return List.of(
          Exam.ok(
              TOPIC,
              "shamir, %d of %d shares open it".formatted(status.threshold(), status.shares())));
    }
    return new AutoUnseal(config)
        .examine(Optional.of(status.type())).stream()
            .map(finding -> exam(status.type(), finding))
            .toList();
  }

  private static Exam exam(String type, AutoUnseal.Finding finding) {
    String text = "%s: %s".formatted(type, finding.text());
    return switch (finding.grade()) {
      case GOOD -> Exam.ok(TOPIC, text);
      case UNKNOWN -> Exam.warning(TOPIC, text, finding.hint());
      case BAD -> Exam.wrong(TOPIC, text, finding.hint(), Exit.KMS_FAILED);
    };
  }
}

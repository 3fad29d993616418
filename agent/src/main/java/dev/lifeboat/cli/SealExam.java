package dev.lifeboat.cli;

import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.objective.Objectives;
import dev.lifeboat.objective.Scenario;
import dev.lifeboat.unseal.AutoUnseal;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What `lifeboat check --live` asks of the seal of an open node: who opens it after its next
/// start, and whether the key of an auto-unseal answers now, while nobody needs it.
final class SealExam {
  private static final String TOPIC = "seal";

  private SealExam() {}

  static List<Exam> of(LifeboatConfig config, VaultNode own) {
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
    List<Exam> exams = new ArrayList<>();
    for (AutoUnseal.Finding finding :
        new AutoUnseal(config.unseal()).examine(Optional.of(status.type()))) {
      exams.add(exam(status.type(), finding));
      if (finding.isInOneRegion() && wantsAnotherRegion(config.objectives())) {
        exams.add(
            Exam.warning(
                "objective",
                "region-failover: the key of the seal is in one region only, and what is restored"
                    + " in another cannot be opened there",
                "a multi-Region key with a replica there; another key is a seal migration"));
      }
    }
    return exams;
  }

  private static boolean wantsAnotherRegion(Objectives objectives) {
    Objectives.Targets targets = objectives.targets().get(Scenario.REGION_FAILOVER);
    return targets != null
        && (targets.recoveryTime().isPresent() || targets.dataLoss().isPresent());
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

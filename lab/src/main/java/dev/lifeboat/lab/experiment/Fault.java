package dev.lifeboat.lab.experiment;

import java.time.Duration;
import java.util.Set;
import java.util.function.Function;

/// Something that goes wrong on an [AlertStage], and exactly who is told what of it.
///
/// @param ground what it is played on
/// @param expected the alerts that a mail is to tell of; what is inhibited is not told
/// @param configuration of the agents on a stage, beside that of the stage itself
/// @param ruled how long it lasts in the time of the rules, which is divided
/// @param real how much longer, for what servers and agents do at their own pace
/// @param strike begins it
/// @param mend ends it; the stage is as before when it returns
public record Fault(
    String name,
    Ground ground,
    Set<String> expected,
    Function<AlertStage, String> configuration,
    Duration ruled,
    Duration real,
    Deed strike,
    Deed mend) {
  public Fault {
    expected = Set.copyOf(expected);
  }

  /// What is done to a stage.
  public interface Deed {
    void to(AlertStage stage) throws InterruptedException;
  }

  @Override
  public String toString() {
    return name;
  }
}

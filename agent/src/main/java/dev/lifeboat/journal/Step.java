package dev.lifeboat.journal;

import java.util.Map;

/// One step of a plan.
///
/// A process may die in it, so it may be run again: it looks at what is there first, and what it
/// finds done it does not do twice.
public interface Step {
  /// The same in every run of the same plan, such as `stop node-2`.
  String name();

  /// Half a sentence for the plan: what it does, and to what.
  String text();

  /// Does it, and looks whether it took effect.
  ///
  /// @param notes for what a next process must know when this one dies within the step
  /// @return what to write of it beside its name, such as `{index=1234}`
  Map<String, String> run(Notes notes) throws InterruptedException;

  /// What was noted within this step, by this process or one before.
  interface Notes {
    Map<String, String> all();

    void add(Map<String, String> facts);
  }
}

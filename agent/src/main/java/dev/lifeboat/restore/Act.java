package dev.lifeboat.restore;

import dev.lifeboat.journal.Step;
import java.util.Map;

/// A step that is one act.
record Act(String name, String text, Action action) implements Step {
  /// What [Step#run] does.
  interface Action {
    Map<String, String> run(Notes notes) throws InterruptedException;
  }

  /// One of which nothing is worth a note.
  interface Plain {
    void run() throws InterruptedException;
  }

  static Act of(String name, String text, Plain action) {
    return new Act(
        name,
        text,
        _ -> {
          action.run();
          return Map.of();
        });
  }

  @Override
  public Map<String, String> run(Notes notes) throws InterruptedException {
    return action.run(notes);
  }
}

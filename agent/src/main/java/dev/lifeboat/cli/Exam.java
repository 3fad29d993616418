package dev.lifeboat.cli;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One line of `lifeboat check --live`: what was looked at, and `ok` or what to do.
///
/// @param topic such as `vault`, `store local`
/// @param exit how the command ends for it; empty unless it is wrong
/// @param hint empty when there is nothing to do
record Exam(String topic, Grade grade, String text, String hint, Optional<Exit> exit) {
  /// How it fared.
  enum Grade {
    OK("ok"),
    WARNING("warning"),
    WRONG("WRONG");

    private final String word;

    Grade(String word) {
      this.word = word;
    }
  }

  static Exam ok(String topic, String text) {
    return new Exam(topic, Grade.OK, text, "", Optional.empty());
  }

  static Exam warning(String topic, String text, String hint) {
    return new Exam(topic, Grade.WARNING, text, hint, Optional.empty());
  }

  static Exam wrong(String topic, String text, String hint, Exit exit) {
    return new Exam(topic, Grade.WRONG, text, hint, Optional.of(exit));
  }

  /// Of the message of one of our exceptions, which may end with a line `hint: …`.
  static Exam wrong(String topic, RuntimeException failure, Exit exit) {
    String message = String.valueOf(failure.getMessage());
    int hint = message.indexOf("\nhint: ");
    return hint < 0
        ? wrong(topic, message, "", exit)
        : wrong(topic, message.substring(0, hint), message.substring(hint + 7), exit);
  }

  String line() {
    return "%-16s %-8s %s%s"
        .formatted(topic, grade.word, text, hint.isEmpty() ? "" : "\n  hint: " + hint);
  }

  ObjectNode json() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("topic", topic);
    object.put("grade", grade.name().toLowerCase(java.util.Locale.ROOT));
    object.put("text", text);
    object.put("hint", hint.isEmpty() ? null : hint);
    return object;
  }
}

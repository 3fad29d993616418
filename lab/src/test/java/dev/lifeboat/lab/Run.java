package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.cli.Exit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One run of the command line that has ended.
record Run(int code, String out, String err) {
  /// Itself, when it ended so.
  Run expect(Exit exit) {
    assertEquals(exit.code(), code, () -> "stdout: " + out + "\nstderr: " + err);
    return this;
  }

  /// What it printed with `--json`.
  JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }
}

package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BuildTest {
  @Test
  void the_java_version_is_the_one_that_runs() {
    assertEquals(
        new Build("0.1.0", "4f2a9c1d0b3e", Runtime.version().toString()),
        Build.of("0.1.0", "4f2a9c1d0b3e"));
  }
}

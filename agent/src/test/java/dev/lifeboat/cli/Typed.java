package dev.lifeboat.cli;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.daemon.Signals;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/// A command line as typed, and what came of it, without a process.
record Typed(Exit exit, String out, String err) {
  static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  static Typed run(String... args) {
    return run(Map.of(), args);
  }

  static Typed run(Map<String, String> environment, String... args) {
    return run(environment, InputStream.nullInputStream(), false, args);
  }

  /// On a terminal, with an answer to what is asked.
  static Typed run(InputStream in, String... args) {
    return run(Map.of(), in, true, args);
  }

  private static Typed run(
      Map<String, String> environment, InputStream in, boolean terminal, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Exit exit =
        Launch.run(
            args,
            new Surroundings(
                environment,
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal,
                Signals.NONE,
                InstantSource.fixed(NOW),
                Milestones.NONE));
    return new Typed(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}

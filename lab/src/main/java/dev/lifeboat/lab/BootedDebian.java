package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A Debian 12 booted by systemd-nspawn: a real systemd as process 1, with a network of its own in
/// which only loopback exists. What is written in it goes to an overlay in memory and is gone at
/// the end; the tree on disk stays as it was.
///
/// Needs root. With `--private-network`, since without it a unit with `PrivateNetwork=yes` gets a
/// loopback device that stays down.
public final class BootedDebian implements AutoCloseable {
  private static final Duration BOOT = Duration.ofSeconds(60);
  private static final Duration POWEROFF = Duration.ofSeconds(10);

  private final Process nspawn;
  private final ProcessHandle init;

  private BootedDebian(Process nspawn, ProcessHandle init) {
    this.nspawn = nspawn;
    this.init = init;
  }

  /// @param tree made by `lab/servers/install debian`
  /// @param readOnly host paths that appear at the same place inside
  /// @param log where the console goes
  public static BootedDebian boot(Path tree, List<Path> readOnly, Path log) {
    var command =
        new ArrayList<>(
            List.of(
                "systemd-nspawn",
                "--directory=" + tree,
                "--volatile=overlay",
                "--private-network",
                "--register=no",
                "--keep-unit",
                "--machine=lifeboat-" + ProcessHandle.current().pid(),
                "--console=pipe",
                "--boot"));
    readOnly.forEach(path -> command.add("--bind-ro=" + path));
    try {
      Process nspawn =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      var machine = new BootedDebian(nspawn, init(nspawn, log));
      machine.await("systemd to come up", BOOT, machine::running);
      return machine;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start systemd-nspawn, Debian: systemd-container", e);
    }
  }

  private static ProcessHandle init(Process nspawn, Path log) throws IOException {
    long deadline = System.nanoTime() + BOOT.toNanos();
    while (nspawn.isAlive() && System.nanoTime() < deadline) {
      var child = nspawn.toHandle().children().findFirst();
      if (child.isPresent() && child.get().info().command().orElse("").endsWith("systemd")) {
        return child.get();
      }
      pause();
    }
    nspawn.destroyForcibly();
    throw new IllegalStateException("the container did not boot: " + Files.readString(log));
  }

  /// Runs a command inside to its end.
  public Result run(String... command) {
    return nsenter(List.of("-m", "-u", "-i", "-p", "-n"), List.of(command));
  }

  /// Runs a program of this machine in the container's network only, such as `curl`.
  public Result onItsNetwork(String... command) {
    return nsenter(List.of("-n"), List.of(command));
  }

  private Result nsenter(List<String> namespaces, List<String> command) {
    var full = new ArrayList<>(List.of("nsenter", "--target=" + init.pid()));
    full.addAll(namespaces);
    full.addAll(command);
    try {
      Process process = new ProcessBuilder(full).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /// Waits until something holds inside.
  public void await(String what, Duration atMost, BooleanSupplier holds) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("waited %s in vain for %s".formatted(atMost, what));
      }
      pause();
    }
  }

  private boolean running() {
    String state = run("systemctl", "is-system-running").output().strip();
    return state.equals("running") || state.equals("degraded");
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    run("systemctl", "poweroff");
    try {
      if (!nspawn.waitFor(POWEROFF.toSeconds(), TimeUnit.SECONDS)) {
        init.destroyForcibly();
        nspawn.destroyForcibly();
      }
    } catch (InterruptedException e) {
      init.destroyForcibly();
      nspawn.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /// @param output standard output and standard error together
  public record Result(int exit, String output) {
    public String require() {
      if (exit != 0) {
        throw new IllegalStateException("exit " + exit + ": " + output);
      }
      return output;
    }
  }
}

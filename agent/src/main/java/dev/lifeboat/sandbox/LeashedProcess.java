package dev.lifeboat.sandbox;

import dev.lifeboat.sandbox.SandboxException.Reason;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program of ours in a process of its own that ends, at the latest, when this JVM does: after
/// `System.exit`, a crash and SIGKILL too.
public final class LeashedProcess implements AutoCloseable {
  /*
   * The leash
   *
   * A shutdown hook does not run after SIGKILL, and the kernel's own leash (PR_SET_PDEATHSIG, what
   * `setpriv --pdeathsig` sets) is cleared when a program with file capabilities is executed. Vault
   * packages give theirs `cap_ipc_lock`, so it would be lost just where it is needed.
   *
   * A pipe cannot be lost: when the last process holding its writing end is gone, the reading end
   * sees the end of the stream. So the program is started by a shell whose stdin is a pipe from us:
   *
   *   JVM ──pipe──▶ shell (exec: becomes the program, same pid, stdin /dev/null)
   *          └────▶ watcher, a child of the shell: reads until the pipe ends, then kills its parent
   *
   * - We never write to the pipe and close it only by ending or because the program ended.
   * - `exec` keeps the pid, so the pid that Java knows is the program's own; signals and exit codes
   *   are not passed on by anybody.
   * - `$$` in the watcher is the shell's pid, that is the program's. A pid can be given to somebody
   *   else after the program has ended, so the watcher first looks whether this is still its
   *   parent: a child of a program that ended has another one. Without /proc it kills all the same.
   * - The kill is SIGKILL: whoever let us die without a word will not wait for a program that is
   *   slow to end.
   * - The watcher ignores the signals that a terminal sends to the whole group, so that a Ctrl-C
   *   that a server survives does not cut the leash. It holds no other descriptor: a caller that
   *   reads our stdout to its end is not kept waiting.
   * - A program that starts programs of its own leashes them in turn.
   *
   * Java closes every descriptor but the three standard ones in the children it starts, so no other
   * child of ours holds the writing end.
   */
  private static final String SCRIPT =
      """
      exec 3<&0 </dev/null
      (
        exec >/dev/null 2>&1
        trap '' HUP INT QUIT TERM
        while read -r line <&3; do :; done
        read -r pid name state parent rest </proc/self/stat
        if [ "${parent:-$$}" = "$$" ]; then kill -KILL "$$"; fi
      ) &
      exec 3<&-
      exec "$@"
      """;

  private static final Duration KILL_BOUND = Duration.ofSeconds(10);

  private final Process process;
  private final String name;

  private LeashedProcess(Process process, String name) {
    this.process = process;
    this.name = name;
  }

  /// What to start.
  ///
  /// @param command the program and its arguments
  /// @param folder its working directory
  /// @param environment all of it; nothing of ours is inherited
  /// @param output what it prints is appended to this file
  /// @param errors the same for its standard error; may be the same file
  public record Invocation(
      List<String> command,
      Path folder,
      Map<String, String> environment,
      Path output,
      Path errors) {
    public Invocation {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /// Does not wait for anything; [SandboxException] of reason `SETUP` when it cannot be started.
  public static LeashedProcess start(Invocation invocation) {
    var line = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "leash"));
    line.addAll(invocation.command());
    var builder =
        new ProcessBuilder(line)
            .directory(invocation.folder().toFile())
            .redirectOutput(Redirect.appendTo(invocation.output().toFile()));
    if (invocation.errors().equals(invocation.output())) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(Redirect.appendTo(invocation.errors().toFile()));
    }
    builder.environment().clear();
    builder.environment().putAll(invocation.environment());
    var name = invocation.command().getFirst();
    try {
      return new LeashedProcess(builder.start(), name);
    } catch (IOException e) {
      throw new SandboxException(Reason.SETUP, "cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// The exit code of a process that has ended; 128 + n after signal n.
  public int exitCode() {
    return process.exitValue();
  }

  /// Waits until it has ended by itself; false when it still runs after `bound`.
  public boolean awaitEnd(Duration bound) {
    try {
      return process.waitFor(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }

  /// Asks it to end (SIGTERM) and kills it when it has not after `bound`. Returns when it is gone.
  public void stop(Duration bound) {
    // Not Process.destroy, which also closes our end of the pipe, and so would kill at once.
    if (!process.toHandle().destroy() && process.isAlive()) {
      throw new SandboxException(Reason.TIMEOUT, name + " cannot be told to end");
    }
    if (!awaitEnd(bound)) {
      kill();
    }
  }

  /// SIGKILL. Returns when it is gone, also when this thread is interrupted meanwhile.
  public void kill() {
    process.destroyForcibly();
    var interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(KILL_BOUND.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SandboxException(
            Reason.TIMEOUT, name + " with pid " + process.pid() + " survives SIGKILL");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    stop(Duration.ofSeconds(5));
  }
}

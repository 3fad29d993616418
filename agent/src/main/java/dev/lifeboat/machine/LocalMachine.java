package dev.lifeboat.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// This machine. A program inherits nothing but PATH: our environment may hold secrets.
final class LocalMachine implements Machine {
  private static final long POLL_MS = 50;
  private static final long LAST_WORDS_MS = 1000;
  private static final int STREAMS = 2;
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final String path;

  /// @param environment ours
  LocalMachine(Map<String, String> environment) {
    this.path = environment.getOrDefault("PATH", PATH);
  }

  @Override
  public Ran run(List<String> words, byte[] input, Duration bound) throws InterruptedException {
    Command command = new Command(words);
    Process process = start(command);
    Output out = new Output(Output.OUT_MAX);
    Output err = new Output(Output.ERR_MAX);
    CountDownLatch open = new CountDownLatch(STREAMS);
    // Whoever waits for a pipe holds a carrier, so these are no virtual threads.
    thread("machine-input", () -> feed(process, input));
    thread("machine-output", () -> drain(process.getInputStream(), out, open));
    thread("machine-errors", () -> drain(process.getErrorStream(), err, open));
    boolean ended = false;
    try {
      long began = System.nanoTime();
      while (!ended) {
        ended = ended(process, out, err, open);
        if (out.isTooMuch()) {
          throw command.tooMuch(words());
        }
        if (!ended && System.nanoTime() - began > bound.toNanos()) {
          throw command.late(words(), bound);
        }
      }
    } finally {
      if (!ended) {
        kill(process);
      }
    }
    String said = new String(err.bytes(), StandardCharsets.UTF_8);
    return command.judged(new Ran(process.exitValue(), out.bytes(), said), words());
  }

  private Process start(Command command) {
    ProcessBuilder builder = new ProcessBuilder(command.words()).directory(Path.of("/").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("LANG", "C.UTF-8");
    try {
      return builder.start();
    } catch (IOException e) {
      throw command.unusable(words(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void thread(String name, Runnable work) {
    Thread.ofPlatform().daemon().name(name).start(work);
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input);
    } catch (IOException e) {
      // A program need not read what it is given.
    }
  }

  private static void drain(InputStream from, Output to, CountDownLatch open) {
    try (from) {
      long ignored = from.transferTo(to);
    } catch (IOException e) {
      // It was killed.
    } finally {
      open.countDown();
    }
  }

  /// Waits a little. What a dead program printed is read at once, so whoever keeps its output open
  /// and silent is somebody else.
  private static boolean ended(Process process, Output out, Output err, CountDownLatch open)
      throws InterruptedException {
    if (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
      return false;
    }
    long heard = out.total() + err.total();
    return open.await(LAST_WORDS_MS, TimeUnit.MILLISECONDS) || out.total() + err.total() == heard;
  }

  private static void kill(Process process) {
    try (Stream<ProcessHandle> children = process.descendants()) {
      children.forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }

  @Override
  public String words() {
    return "this machine";
  }

  @Override
  public void close() {
    // Nothing is kept.
  }
}

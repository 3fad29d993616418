package dev.lifeboat.notify;

import dev.lifeboat.notify.Delivery.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// One run of a program that is told of an event.
final class CommandRun {
  /*
   * The program inherits nothing but PATH and LANG: our environment may hold secrets. It gets the
   * event on standard input, which is closed then. Of what it prints the first bytes are kept and
   * the rest is read and thrown away, so that it never blocks on a full pipe. After its time it is
   * killed, and so are its children as they are then; a grandchild that has left the family keeps
   * the pipe open at most, which nobody waits for.
   *
   * Its pipes are read and written by platform threads: one that waits for a program holds its
   * carrier, of which a small machine has one or two, and everything else would stand still.
   */
  private static final int OUTPUT_MAX = 4096;
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final List<String> line;
  private final Map<String, String> path;
  private final Duration timeout;

  /// @param environment ours, of which PATH and LANG are passed on
  CommandRun(List<String> line, Map<String, String> environment, Duration timeout) {
    this.line = line;
    this.path = new LinkedHashMap<>();
    for (String name : List.of("PATH", "LANG")) {
      String value = environment.get(name);
      if (value != null) {
        path.put(name, value);
      }
    }
    this.timeout = timeout;
  }

  Delivery tell(EventKind kind, byte[] event) {
    long began = System.nanoTime();
    ProcessBuilder builder =
        new ProcessBuilder(line).directory(Path.of("/").toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(path);
    builder.environment().put("LIFEBOAT_EVENT", kind.label());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return Delivery.failed(Trouble.SETUP, String.valueOf(e.getMessage()), since(began));
    }
    CompletableFuture<String> said = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("notify-output").start(() -> said.complete(drain(process)));
    Thread.ofPlatform().daemon().name("notify-input").start(() -> feed(process, event));
    try {
      if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        kill(process);
        return Delivery.failed(
            Trouble.TIMEOUT, "killed after %d s".formatted(timeout.toSeconds()), since(began));
      }
      String words = words(said);
      int code = process.exitValue();
      return code == 0
          ? Delivery.done(words, since(began))
          : Delivery.failed(Trouble.EXIT, "exit code %d: %s".formatted(code, words), since(began));
    } catch (InterruptedException e) {
      kill(process);
      Thread.currentThread().interrupt();
      return Delivery.failed(Trouble.STOPPED, "told to stop", since(began));
    }
  }

  private static void feed(Process process, byte[] event) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(event);
    } catch (IOException e) {
      // A program need not read what it is told.
    }
  }

  private static String drain(Process process) {
    try (InputStream out = process.getInputStream()) {
      byte[] first = out.readNBytes(OUTPUT_MAX);
      out.transferTo(OutputStream.nullOutputStream());
      return new String(first, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static String words(CompletableFuture<String> said) throws InterruptedException {
    try {
      return said.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return "";
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void kill(Process process) {
    try (Stream<ProcessHandle> children = process.descendants()) {
      children.forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }
}

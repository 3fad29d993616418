package dev.lifeboat.lab.bench;

import dev.lifeboat.archive.EncryptProgram;
import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Reading a file and encrypting it, on one core, beside `age`: in the first round of a process
/// that has loaded its ciphers, and in those after it.
record CipherSpeed(ByteSize size) implements Benchmark {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final List<String> ONE_CORE = List.of("taskset", "-c", "1");
  private static final int ROUNDS = 5;

  @Override
  public String name() {
    return "cipher";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    Path folder = workbench.newFolder();
    try {
      Files.createDirectories(folder);
      Path file = random(folder.resolve("plain"));
      Path key = folder.resolve("age.key");
      run(folder, List.of(Servers.ageKeygen().toString(), "-o", key.toString()));
      List<String> age =
          List.of(Servers.age().toString(), "-e", "-i", key.toString(), "-o", "/dev/null");
      workbench.says("encrypting on one core, in turn with age");
      List<Double> first = new ArrayList<>();
      List<Double> warm = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        List<Double> ours = ours(folder, file);
        first.add(ours.getFirst());
        warm.addAll(ours.subList(1, ours.size()));
        for (int round = 1; round < ROUNDS; round++) {
          long began = System.nanoTime();
          run(folder, onOneCore(with(age, file.toString())));
          theirs.add((System.nanoTime() - began) / 1e9);
        }
      }
      Samples peer = new Samples("age", Unit.SECONDS, theirs);
      return List.of(
          finding("%s, its first second".formatted(size), first, peer),
          finding("%s, after it".formatted(size), warm, peer));
    } catch (IOException e) {
      throw new LabException("cannot measure the cipher", e);
    }
  }

  private Finding finding(String of, List<Double> ours, Samples peer) {
    return new Finding(
        name(),
        new Samples(of, Unit.SECONDS, ours),
        Optional.of(peer),
        new Goal.Ratio(1),
        List.of());
  }

  private Path random(Path file) throws IOException {
    byte[] bytes = new byte[1 << 20];
    var random = new Random(7);
    try (var out = Files.newOutputStream(file)) {
      for (long written = 0; written < size.bytes(); written += bytes.length) {
        random.nextBytes(bytes);
        out.write(bytes);
      }
    }
    return file;
  }

  private static List<Double> ours(Path folder, Path file) throws IOException {
    List<String> program =
        AgentProgram.java(EncryptProgram.class, List.of(file.toString(), Integer.toString(ROUNDS)));
    return run(folder, onOneCore(program)).lines().map(Double::valueOf).toList();
  }

  private static List<String> onOneCore(List<String> command) {
    List<String> all = new ArrayList<>(ONE_CORE);
    all.addAll(command);
    return all;
  }

  private static List<String> with(List<String> command, String last) {
    List<String> all = new ArrayList<>(command);
    all.add(last);
    return all;
  }

  private static String run(Path folder, List<String> command) throws IOException {
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Files.deleteIfExists(output);
    var process =
        LeashedProcess.start(
            new Invocation(
                command, folder, Map.of("PATH", "/usr/local/bin:/usr/bin:/bin"), output, errors));
    if (!process.awaitEnd(BOUND)) {
      process.kill();
      throw new LabException(command + " has not ended after " + BOUND);
    }
    if (process.exitCode() != 0) {
      throw new LabException(command + " failed: " + Files.readString(errors));
    }
    return Files.readString(output);
  }
}

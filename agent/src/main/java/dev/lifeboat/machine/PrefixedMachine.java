package dev.lifeboat.machine;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// A machine on which every command is run by another program, such as `sudo -n`.
record PrefixedMachine(Machine machine, List<String> prefix) implements Machine {
  @Override
  public Ran run(List<String> command, byte[] input, Duration bound) throws InterruptedException {
    return machine.run(
        Stream.concat(prefix.stream(), new Command(command).words().stream()).toList(),
        input,
        bound);
  }

  @Override
  public String words() {
    return machine.words();
  }

  @Override
  public void close() {
    machine.close();
  }
}

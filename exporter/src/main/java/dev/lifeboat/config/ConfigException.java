package dev.lifeboat.config;

import java.util.List;

/// The configuration is wrong; carries every problem at once and nothing was started.
public final class ConfigException extends RuntimeException {
  private final transient List<Problem> problems;
  private final String ending;

  public ConfigException(List<Problem> problems) {
    this(problems, "nothing was started");
  }

  private ConfigException(List<Problem> problems, String ending) {
    super(count(problems) + " in the configuration");
    this.problems = List.copyOf(problems);
    this.ending = ending;
  }

  /// The same, of a command that starts nothing.
  public ConfigException nothingDone() {
    return new ConfigException(problems, "nothing was done");
  }

  /// What became of it: the last words, after the count.
  String ending() {
    return ending;
  }

  public List<Problem> problems() {
    return problems;
  }

  static String count(List<Problem> problems) {
    return problems.size() == 1 ? "1 problem" : problems.size() + " problems";
  }
}

package dev.lifeboat.config;

import java.util.List;

/// The configuration is wrong; carries every problem at once and nothing was started.
public final class ConfigException extends RuntimeException {
  private final transient List<Problem> problems;

  public ConfigException(List<Problem> problems) {
    super(count(problems) + " in the configuration");
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }

  static String count(List<Problem> problems) {
    return problems.size() == 1 ? "1 problem" : problems.size() + " problems";
  }
}

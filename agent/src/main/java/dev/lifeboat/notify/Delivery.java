package dev.lifeboat.notify;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What came of telling one target of one event.
///
/// @param trouble empty when it was told
/// @param words for the log: what the other end said, one line, bounded
public record Delivery(Optional<Trouble> trouble, String words, Duration took) {
  private static final int WORDS_MAX = 500;

  public Delivery {
    words = oneLine(words);
  }

  /// Why a target could not be told; the `reason` label.
  public enum Trouble {
    /// The program is not there or may not be run, or a secret cannot be read.
    SETUP,
    /// The program ended with another code than 0.
    EXIT,
    TIMEOUT,
    UNREACHABLE,
    TLS,
    /// The other end answered, and not with 2xx.
    REFUSED,
    /// It was told to stop.
    STOPPED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Delivery done(String words, Duration took) {
    return new Delivery(Optional.empty(), words, took);
  }

  static Delivery failed(Trouble trouble, String words, Duration took) {
    return new Delivery(Optional.of(trouble), words, took);
  }

  public boolean good() {
    return trouble.isEmpty();
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > WORDS_MAX ? line.substring(0, WORDS_MAX) + "…" : line;
  }
}

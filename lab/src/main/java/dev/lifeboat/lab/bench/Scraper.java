package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.LabException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// One client with one connection, on the calling thread: a client that hands over between threads
/// would add the same milliseconds to both sides.
record Scraper(URL url) {
  private static final Duration BOUND = Duration.ofSeconds(20);

  /// @param milliseconds to the last byte
  record Scrape(double milliseconds, int series) {}

  Scrape scrape() {
    try {
      long began = System.nanoTime();
      var connection = (HttpURLConnection) url.openConnection();
      connection.setConnectTimeout((int) BOUND.toMillis());
      connection.setReadTimeout((int) BOUND.toMillis());
      byte[] page;
      try (var body = connection.getInputStream()) {
        page = body.readAllBytes();
      }
      double milliseconds = (System.nanoTime() - began) / 1e6;
      return new Scrape(milliseconds, series(new String(page, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new LabException(url + " does not answer", e);
    }
  }

  private static int series(String page) {
    return (int) page.lines().filter(line -> !line.isEmpty() && line.charAt(0) != '#').count();
  }
}

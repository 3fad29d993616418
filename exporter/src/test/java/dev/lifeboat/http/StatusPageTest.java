package dev.lifeboat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.golden.Tool;
import dev.lifeboat.status.Statuses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The page as a real browser renders it from the running server, its security policy included.
///
/// The pictures stay in `exporter/target/status-page` for the README. Not part of `./verify quick`:
/// a browser is started four times.
@Tag("browser")
@Timeout(120)
class StatusPageTest {
  @TempDir Path folder;

  @Test
  void the_browser_finds_the_problems_and_runs_nothing() {
    try (HttpEndpoint endpoint = open()) {
      Tool.Outcome outcome = chromium(List.of("--dump-dom", endpoint.address() + "/"));

      assertEquals(0, outcome.exit(), outcome.output());
      assertTrue(outcome.output().contains("Critical:"), outcome.output());
      assertTrue(outcome.output().contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
      assertFalse(outcome.output().contains("Refused to"), outcome.output());
    }
  }

  @ParameterizedTest
  @CsvSource({"phone, 500, 1, light", "phone, 500, 0, dark", "desk, 1200, 1, light"})
  void the_page_is_drawn_in_its_style(String name, int width, int scheme, String mode)
      throws IOException {
    Path root = Path.of(System.getProperty("lifeboat.root", ".."));
    Path shots = Files.createDirectories(root.resolve("exporter/target/status-page"));
    Path shot = shots.resolve(name + "-" + mode + ".png");
    try (HttpEndpoint endpoint = open()) {
      Tool.Outcome outcome =
          chromium(
              List.of(
                  "--screenshot=" + shot.toAbsolutePath(),
                  "--window-size=" + width + ",1500",
                  "--hide-scrollbars",
                  "--blink-settings=preferredColorScheme=" + scheme,
                  endpoint.address() + "/"));

      assertEquals(0, outcome.exit(), outcome.output());
    }
    var image = ImageIO.read(shot.toFile());
    int corner = image.getRGB(2, 2) & 0xffffff;
    // The paper of page.css: the policy let the style through, in the colours asked for.
    assertEquals(mode.equals("dark") ? 0x15181c : 0xfcfcfa, corner);
    assertEquals(width, image.getWidth());
  }

  private HttpEndpoint open() {
    return HttpEndpoint.open(
        Endpoints.plain(), Endpoints.exposition(), () -> true, Statuses::troubled);
  }

  private Tool.Outcome chromium(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(arguments);
    return Tool.run("chromium", folder, "", 90, command);
  }
}

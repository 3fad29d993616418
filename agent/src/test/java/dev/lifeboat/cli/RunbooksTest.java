package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

/// The pages that people read at night: one for each alert, with commands that exist and links that
/// lead somewhere.
class RunbooksTest {
  private static final Path ROOT = Path.of(System.getProperty("lifeboat.root"));
  private static final Path PAGES = ROOT.resolve("docs/runbooks");
  private static final List<String> PARTS =
      List.of("## What it means", "## First", "## Then", "## Whom to wake");

  /// In a line of code, and between backquotes.
  private static final Pattern COMMAND =
      Pattern.compile("(?m)(?:^    |`|-- )lifeboat( [a-z][^`\n|#;]*)");

  private static final Pattern LINK = Pattern.compile("]\\(([^)#]*)(?:#([^)]*))?\\)");

  @Test
  void every_alert_has_its_page_and_every_page_its_alert() throws Exception {
    Set<String> alerts = new TreeSet<>(Set.of("README"));
    for (Path file : files(ROOT.resolve("alert-rules"), ".yaml")) {
      Matcher alert = Pattern.compile("(?m)^ +- alert: (\\S+)$").matcher(Files.readString(file));
      while (alert.find()) {
        alerts.add(alert.group(1));
      }
    }
    assertTrue(alerts.size() > 50, alerts::toString);
    assertEquals(alerts, names());
  }

  @Test
  void every_page_has_the_same_parts_in_the_same_order() throws Exception {
    for (Path page : pages()) {
      String text = Files.readString(page);
      assertEquals(
          PARTS, text.lines().filter(line -> line.startsWith("## ")).toList(), page::toString);
      assertTrue(text.startsWith("# " + name(page) + "\n"), page::toString);
    }
  }

  @Test
  void every_command_can_be_typed() throws Exception {
    List<String> wrong = new ArrayList<>();
    int commands = 0;
    for (Path page : pages()) {
      Matcher command = COMMAND.matcher(Files.readString(page));
      while (command.find()) {
        commands++;
        String[] arguments = command.group(1).strip().split("\\s+");
        try {
          var _ = Launch.commandLine().parseArgs(arguments);
        } catch (ParameterException e) {
          wrong.add(name(page) + ": lifeboat" + command.group(1) + ": " + e.getMessage());
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(commands > 50, "only " + commands);
  }

  @Test
  void every_link_leads_somewhere() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Path page : files(PAGES, ".md")) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        Path target = link.group(1).isEmpty() ? page : PAGES.resolve(link.group(1)).normalize();
        if (!Files.exists(target)
            || (link.group(2) != null && !anchors(target).contains(link.group(2)))) {
          wrong.add(name(page) + ": " + link.group());
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /// As the usual renderers make them of headings.
  private static Set<String> anchors(Path page) throws IOException {
    return Files.readString(page)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(java.util.Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static Set<String> names() throws IOException {
    return files(PAGES, ".md").stream()
        .map(RunbooksTest::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<Path> pages() throws IOException {
    return files(PAGES, ".md").stream().filter(page -> !name(page).equals("README")).toList();
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static String name(Path page) {
    return page.getFileName().toString().replaceFirst("\\.md$", "");
  }
}

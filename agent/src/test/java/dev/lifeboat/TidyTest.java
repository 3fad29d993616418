package dev.lifeboat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Reads the source tree and keeps it as the house wants it: short, finished, nameable.
class TidyTest {
  private static final Path ROOT = Path.of(System.getProperty("lifeboat.root", ".."));

  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|@Dis" + "abled|assume(True|That)\\(");

  private static final Pattern BANNED_TYPE =
      Pattern.compile(".*(Util|Utils|Helper|Manager|Impl|Constants)|(Abstract|Base)[A-Z].*");

  private static final Pattern METHOD =
      Pattern.compile("^  (?! )(?!.*\\b(class|record|interface|enum)\\b)[^=;@/*]*\\([^;]*$");

  @Test
  void files_and_lines_are_short() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : javaFiles()) {
      List<String> lines = Files.readAllLines(file);
      int most = file.toString().contains("/src/test/") ? 700 : 500;
      if (lines.size() > most) {
        faults.add(file + " has " + lines.size() + " lines, at most " + most);
      }
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.length() > 100 && !line.startsWith("import ") && !line.contains("://")) {
          faults.add(file + ":" + (i + 1) + " is longer than 100 characters");
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void methods_fit_a_screen() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : javaFiles()) {
      List<String> lines = Files.readAllLines(file);
      for (int start = 0; start < lines.size(); start++) {
        if (!METHOD.matcher(lines.get(start)).matches()) {
          continue;
        }
        int end = start;
        while (end < lines.size() && !lines.get(end).equals("  }")) {
          end++;
        }
        if (end < lines.size() && end - start > 70) {
          faults.add(file + ":" + (start + 1) + " is a method of " + (end - start) + " lines");
        }
        start = Math.max(start, end < lines.size() ? end : start);
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void nothing_is_unfinished_or_skipped() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : javaFiles()) {
      if (!file.endsWith("TidyTest.java") && UNFINISHED.matcher(Files.readString(file)).find()) {
        faults.add(file.toString());
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void names_say_what_a_thing_is() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : javaFiles()) {
      String name = file.getFileName().toString().replace(".java", "");
      if (BANNED_TYPE.matcher(name).matches()) {
        faults.add(file.toString());
      }
      for (Path part : file) {
        if (List.of("util", "utils", "common", "impl", "helpers").contains(part.toString())) {
          faults.add(file.toString());
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void every_package_says_what_it_is_for() throws IOException {
    var faults = new ArrayList<String>();
    for (Path file : javaFiles()) {
      Path info = file.resolveSibling("package-info.java");
      if (file.toString().contains("/src/main/") && !Files.exists(info)) {
        faults.add(info.toString());
      }
    }
    assertEquals(List.of(), faults.stream().distinct().toList());
  }

  @Test
  void the_changelog_has_this_version() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    var version = Pattern.compile("<version>([^<]+)</version>").matcher(pom);
    assertTrue(version.find());
    assertTrue(Files.readString(ROOT.resolve("CHANGELOG.md")).contains("## " + version.group(1)));
  }

  private static List<Path> javaFiles() throws IOException {
    var files = new ArrayList<Path>();
    for (String module : List.of("exporter", "agent", "lab")) {
      try (Stream<Path> walk = Files.walk(ROOT.resolve(module).resolve("src"))) {
        walk.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
      }
    }
    assertTrue(files.size() > 50, "no sources below " + ROOT);
    return files;
  }
}

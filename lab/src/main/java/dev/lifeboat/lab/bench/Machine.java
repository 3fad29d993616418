package dev.lifeboat.lab.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/// Where a run took place. The figures of two machines cannot be compared; their ratios a little.
///
/// @param fileSystem of the folder with the servers' data, the spool and the store
/// @param loadBefore the load average of the last minute, before anything was started
record Machine(String processor, int cores, String java, String fileSystem, double loadBefore) {
  static Machine look(Path folder) {
    try {
      return new Machine(
          modelName(),
          Runtime.getRuntime().availableProcessors(),
          System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
          Files.getFileStore(folder).type(),
          Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String modelName() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "unknown";
  }

  String text() {
    return "%d cores of %s, Java %s, data on %s, load before %.1f"
        .formatted(cores, processor, java, fileSystem, loadBefore);
  }

  void describe(ObjectNode json) {
    json.put("processor", processor)
        .put("cores", cores)
        .put("java", java)
        .put("file_system", fileSystem)
        .put("load_before", loadBefore);
  }
}

package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Resident memory of a process of this user, by Linux's `/proc/PID`.
record ProcessMemory(long pid) {
  private static final String RESET_PEAK = "5";

  double residentMebibytes() {
    return mebibytes("VmRSS");
  }

  /// The most since the process began or [#forgetPeak].
  double peakMebibytes() {
    return mebibytes("VmHWM");
  }

  void forgetPeak() {
    try {
      Files.writeString(file("clear_refs"), RESET_PEAK);
    } catch (IOException e) {
      throw new LabException("cannot reset the peak of process " + pid, e);
    }
  }

  private double mebibytes(String field) {
    try {
      for (String line : Files.readAllLines(file("status"))) {
        if (line.startsWith(field + ":")) {
          var number = line.replaceAll("[^0-9]", "");
          return Long.parseLong(number) / 1024.0;
        }
      }
    } catch (IOException e) {
      throw new LabException("cannot read the memory of process " + pid, e);
    }
    throw new LabException("process " + pid + " has no " + field);
  }

  private Path file(String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }
}

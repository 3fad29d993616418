package dev.lifeboat.collector;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `process_*`: this process as the operating system sees it, under Prometheus's standard names.
/// Memory comes from `/proc/self/status` (kB there means KiB, proc(5)).
///
/// ```
/// process_cpu_seconds_total 3.41
/// process_start_time_seconds 1.7643e9
/// process_open_fds 23.0
/// process_max_fds 1024.0
/// process_resident_memory_bytes 8.1788928E7
/// process_virtual_memory_bytes 1.3E9
/// ```
public final class ProcessCollector implements Collector {
  static final Metric CPU =
      Metric.counter("process_cpu_seconds_total", "User and system time used so far");
  static final Metric START =
      Metric.gauge("process_start_time_seconds", "When the process started, Unix time");
  static final Metric OPEN_FDS = Metric.gauge("process_open_fds", "Open file descriptors");
  static final Metric MAX_FDS =
      Metric.gauge("process_max_fds", "The most file descriptors that may be open");
  static final Metric RESIDENT =
      Metric.gauge("process_resident_memory_bytes", "Memory resident in RAM");
  static final Metric VIRTUAL =
      Metric.gauge("process_virtual_memory_bytes", "Size of the address space");

  public static final List<Metric> METRICS =
      List.of(CPU, START, OPEN_FDS, MAX_FDS, RESIDENT, VIRTUAL);

  private static final Pattern SIZE_KIB = Pattern.compile("(?m)^Vm(RSS|Size):\\s+(\\d+) kB$");

  private final Path status;

  public ProcessCollector() {
    this(Path.of("/proc/self/status"));
  }

  ProcessCollector(Path status) {
    this.status = status;
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    samples.add(START, ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      samples.add(CPU, unix.getProcessCpuTime() / 1e9);
      samples.add(OPEN_FDS, unix.getOpenFileDescriptorCount());
      samples.add(MAX_FDS, unix.getMaxFileDescriptorCount());
    }
    Matcher size = SIZE_KIB.matcher(readStatus());
    while (size.find()) {
      boolean resident = size.group(1).equals("RSS");
      samples.add(resident ? RESIDENT : VIRTUAL, Long.parseLong(size.group(2)) * 1024.0);
    }
    return samples.snapshots();
  }

  private String readStatus() {
    try {
      return Files.readString(status);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + status, e);
    }
  }
}

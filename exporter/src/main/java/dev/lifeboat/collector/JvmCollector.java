package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadMXBean;
import java.util.List;

/// `jvm_*`: the Java runtime we live in, under the names that the Prometheus client library uses.
///
/// ```
/// jvm_runtime_info{version="25.0.1+8",vendor="Eclipse Adoptium",runtime="OpenJDK …"} 1
/// jvm_memory_used_bytes{area="heap"} 1.2582912E7
/// jvm_memory_committed_bytes{area="heap"} 3.3554432E7
/// jvm_memory_max_bytes{area="heap"} 5.0331648E7
/// jvm_buffer_pool_used_bytes{pool="direct"} 65536.0
/// jvm_gc_collection_seconds_count{gc="Copy"} 12
/// jvm_gc_collection_seconds_sum{gc="Copy"} 0.031
/// jvm_threads_current 14.0
/// jvm_classes_currently_loaded 5321.0
/// ```
public final class JvmCollector implements Collector {
  static final Metric RUNTIME_INFO =
      Metric.info("jvm_runtime_info", "The Java runtime", "version", "vendor", "runtime");
  static final Metric MEMORY_USED =
      Metric.gauge("jvm_memory_used_bytes", "Memory in use, by area", "area");
  static final Metric MEMORY_COMMITTED =
      Metric.gauge("jvm_memory_committed_bytes", "Memory had from the system, by area", "area");
  static final Metric MEMORY_MAX =
      Metric.gauge("jvm_memory_max_bytes", "The most the area may grow to", "area");
  static final Metric BUFFER_USED =
      Metric.gauge("jvm_buffer_pool_used_bytes", "Memory of buffers outside the heap", "pool");
  static final Metric GC =
      Metric.summary("jvm_gc_collection_seconds", "Garbage collections and their time", "gc");
  static final Metric THREADS =
      Metric.gauge("jvm_threads_current", "Platform threads alive; virtual ones are not counted");
  static final Metric THREADS_DAEMON =
      Metric.gauge("jvm_threads_daemon", "Daemon threads among them");
  static final Metric THREADS_PEAK =
      Metric.gauge("jvm_threads_peak", "The most platform threads alive at once so far");
  static final Metric CLASSES = Metric.gauge("jvm_classes_currently_loaded", "Classes loaded now");
  static final Metric CLASSES_LOADED =
      Metric.counter("jvm_classes_loaded_total", "Classes loaded since the start");

  public static final List<Metric> METRICS =
      List.of(
          RUNTIME_INFO,
          MEMORY_USED,
          MEMORY_COMMITTED,
          MEMORY_MAX,
          BUFFER_USED,
          GC,
          THREADS,
          THREADS_DAEMON,
          THREADS_PEAK,
          CLASSES,
          CLASSES_LOADED);

  @Override
  public String name() {
    return "jvm";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    samples.info(
        RUNTIME_INFO,
        System.getProperty("java.runtime.version", ""),
        System.getProperty("java.vendor", ""),
        System.getProperty("java.runtime.name", ""));
    var memory = ManagementFactory.getMemoryMXBean();
    addMemory(samples, "heap", memory.getHeapMemoryUsage());
    addMemory(samples, "nonheap", memory.getNonHeapMemoryUsage());
    for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      samples.add(BUFFER_USED, pool.getMemoryUsed(), pool.getName());
    }
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      samples.summary(GC, gc.getCollectionCount(), gc.getCollectionTime() / 1000.0, gc.getName());
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    samples.add(THREADS, threads.getThreadCount());
    samples.add(THREADS_DAEMON, threads.getDaemonThreadCount());
    samples.add(THREADS_PEAK, threads.getPeakThreadCount());
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    samples.add(CLASSES, classes.getLoadedClassCount());
    samples.add(CLASSES_LOADED, classes.getTotalLoadedClassCount());
    return samples.snapshots();
  }

  private static void addMemory(Samples samples, String area, MemoryUsage usage) {
    samples.add(MEMORY_USED, usage.getUsed(), area);
    samples.add(MEMORY_COMMITTED, usage.getCommitted(), area);
    if (usage.getMax() >= 0) {
      samples.add(MEMORY_MAX, usage.getMax(), area);
    }
  }
}

package dev.lifeboat.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.collector.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  @Test
  void every_name_is_there_once() {
    List<String> names = Catalogue.metrics().stream().map(Metric::name).toList();

    assertEquals(names.stream().distinct().toList(), names);
    assertTrue(names.contains("vault_node_sealed"));
  }

  @Test
  void every_name_has_a_known_prefix() {
    for (Metric metric : Catalogue.metrics()) {
      assertTrue(
          metric
              .name()
              .matches(
                  "(vault_(node|cluster|exporter|certificate|storage|probe)|jvm|process)_[a-z_]+"),
          metric.name());
    }
  }
}

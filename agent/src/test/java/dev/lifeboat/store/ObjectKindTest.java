package dev.lifeboat.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ObjectKindTest {
  @Test
  void what_a_restore_needs_is_a_part_of_a_backup_and_all_else_is_not() {
    Set<ObjectKind> parts =
        Arrays.stream(ObjectKind.values())
            .filter(kind -> ObjectKind.isBackup(kind.of("a")))
            .collect(Collectors.toSet());

    assertEquals(
        EnumSet.of(ObjectKind.DATA, ObjectKind.KEY, ObjectKind.KIT, ObjectKind.MANIFEST), parts);
    for (ObjectKind kind : ObjectKind.values()) {
      assertEquals(!parts.contains(kind), ObjectKind.isControl(kind.of("a")), kind.name());
    }
  }

  @Test
  void a_name_that_ends_otherwise_is_neither() {
    for (String object : new String[] {"a", "data", "a.data.partial", "a.CHECK"}) {
      assertFalse(ObjectKind.isBackup(object), object);
      assertFalse(ObjectKind.isControl(object), object);
    }
  }

  @Test
  void the_stem_is_what_stands_before_the_end() {
    assertEquals("a.b", ObjectKind.KEY.stem("a.b.key"));
    assertTrue(ObjectKind.KEY.is(ObjectKind.KEY.of("a.b")));
    assertThrows(IllegalArgumentException.class, () -> ObjectKind.KEY.stem("a.data"));
  }
}

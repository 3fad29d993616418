package dev.lifeboat.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stores that pass on what they are asked pass on everything: a method with a default would be
/// forgotten in silence.
class WrappersTest {
  @ParameterizedTest
  @ValueSource(strings = {"ForwardingStore", "s3.TwoBuckets"})
  void no_method_of_a_store_is_forgotten(String wrapper) throws ClassNotFoundException {
    Class<?> type = Class.forName("dev.lifeboat.store." + wrapper);

    for (Method method : Store.class.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())) {
        assertDoesNotThrow(
            () -> type.getDeclaredMethod(method.getName(), method.getParameterTypes()));
      }
    }
  }
}

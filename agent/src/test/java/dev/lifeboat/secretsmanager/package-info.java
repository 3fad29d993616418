@NullMarked
package dev.lifeboat.secretsmanager;

import org.jspecify.annotations.NullMarked;

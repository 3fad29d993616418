@NullMarked
package dev.lifeboat.route53;

import org.jspecify.annotations.NullMarked;

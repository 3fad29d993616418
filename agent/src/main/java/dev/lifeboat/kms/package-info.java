/// AWS KMS as a recipient of data keys and as one who opens them. With store.s3 the only package
/// that knows the AWS SDK.
@NullMarked
package dev.lifeboat.kms;

import org.jspecify.annotations.NullMarked;

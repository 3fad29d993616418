/// A store in a bucket of S3, or of a server that speaks its language; the only package that knows
/// the AWS SDK.
@NullMarked
package dev.lifeboat.store.s3;

import org.jspecify.annotations.NullMarked;

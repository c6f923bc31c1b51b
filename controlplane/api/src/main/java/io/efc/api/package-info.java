/**
 * The kinds of {@code data.fluid.io/v1alpha1} that users write, as types, and the strict reader of their manifests. Field names, enum
 * words and defaults are those of Fluid's CustomResourceDefinitions; the annotations on the fields carry the rules, for the reader
 * and for generated CustomResourceDefinitions alike.
 */
@NullMarked
package io.efc.api;

import org.jspecify.annotations.NullMarked;

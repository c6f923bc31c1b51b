package io.efc.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A set of data in one or more stores, used through the runtime of the same name and namespace. */
@Group("data.fluid.io")
@Version("v1alpha1")
@ShortNames("dataset")
@Categories("fluid")
@AdditionalPrinterColumn(
        name = "Ufs Total Size",
        jsonPath = ".status.ufsTotal",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Cached",
        jsonPath = ".status.cacheStates.cached",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Cache Capacity",
        jsonPath = ".status.cacheStates.cacheCapacity",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Cached Percentage",
        jsonPath = ".status.cacheStates.cachedPercentage",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "HCFS URL",
        jsonPath = ".status.hcfs.endpoint",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 10)
@AdditionalPrinterColumn(
        name = "TOTAL FILES",
        jsonPath = ".status.fileNum",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 11)
@AdditionalPrinterColumn(
        name = "CACHE HIT RATIO",
        jsonPath = ".status.cacheStates.cacheHitRatio",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class Dataset extends CustomResource<DatasetSpec, DatasetStatus> implements Namespaced {
    private static final long serialVersionUID = 1;
}

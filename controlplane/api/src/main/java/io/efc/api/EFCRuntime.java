package io.efc.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Masters, workers and FUSE clients that serve the dataset of the same name and namespace. */
@Group("data.fluid.io")
@Version("v1alpha1")
@ShortNames("efc")
@Categories("fluid")
@AdditionalPrinterColumn(
        name = "Ready Masters",
        jsonPath = ".status.masterNumberReady",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Desired Masters",
        jsonPath = ".status.desiredMasterNumberScheduled",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Master Phase",
        jsonPath = ".status.masterPhase",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Ready Workers",
        jsonPath = ".status.workerNumberReady",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Desired Workers",
        jsonPath = ".status.desiredWorkerNumberScheduled",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Worker Phase",
        jsonPath = ".status.workerPhase",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Ready Fuses",
        jsonPath = ".status.fuseNumberReady",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Desired Fuses",
        jsonPath = ".status.desiredFuseNumberScheduled",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 10)
@AdditionalPrinterColumn(
        name = "Fuse Phase",
        jsonPath = ".status.fusePhase",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class EFCRuntime extends CustomResource<EFCRuntimeSpec, RuntimeStatus> implements Namespaced {
    private static final long serialVersionUID = 1;
}

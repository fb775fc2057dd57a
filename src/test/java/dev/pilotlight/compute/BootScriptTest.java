package dev.pilotlight.compute;

import dev.pilotlight.topology.*;
import java.util.*;
import org.junit.jupiter.api.Test;

class BootScriptTest {
    @Test
    void size() throws Exception {
        Names names = new Names("w".repeat(20), "aws", "123456789012", Map.of(RegionName.PRIMARY, "ap-southeast-1", RegionName.DR, "ap-southeast-2"), "app.example.com");
        BootScript s = new BootScript(names, RegionName.PRIMARY, "x".repeat(120), 0, "amazonaws.com", BootScript.sampleWorkload());
        long t0 = System.nanoTime();
        System.out.println("SIZE " + s.text().length() + " boot " + s.boot().length() + " ms " + (System.nanoTime() - t0) / 1e6);
        BootScript e = new BootScript(names, RegionName.PRIMARY, "x".repeat(120), 0, "amazonaws.com", "");
        System.out.println("EMPTY " + e.text().length() + " sample alone " + dev.pilotlight.config.Packed.of(BootScript.sampleWorkload()).length());
        java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/ud.sh"), s.text());
        java.nio.file.Files.writeString(java.nio.file.Path.of("/tmp/boot.sh"), s.boot());
    }
}

// Signs an APK: `java -cp apksig.jar SignApk.java KEYSTORE UNSIGNED SIGNED`. Rule: schemes 2 and 3 alone, which every Android since 8
// reads; the same bytes and key give the same signature.

import com.android.apksig.ApkSigner;
import java.io.File;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

class SignApk {
    private static final String ALIAS = "debug";
    private static final char[] PASSWORD = "android".toCharArray();
    private static final int LEAST_SDK = 26;

    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance(new File(args[0]), PASSWORD);
        PrivateKey key = (PrivateKey) store.getKey(ALIAS, PASSWORD);
        X509Certificate certificate = (X509Certificate) store.getCertificate(ALIAS);
        ApkSigner.SignerConfig signer =
                new ApkSigner.SignerConfig.Builder(ALIAS, key, List.of(certificate)).build();
        new ApkSigner.Builder(List.of(signer))
                .setInputApk(new File(args[1]))
                .setOutputApk(new File(args[2]))
                .setMinSdkVersion(LEAST_SDK)
                .setV1SigningEnabled(false)
                .setV2SigningEnabled(true)
                .setV3SigningEnabled(true)
                .setV4SigningEnabled(false)
                .build()
                .sign();
    }
}

// Package signature is how a call between Stepwell and somebody's program shows who it is from, in both directions.
//
// The sender computes HMAC-SHA256 over the moment of signing (in seconds since 1970), a full stop and the body, with the
// shared secret. The receiver computes the same over the bytes it got, compares in constant time, and refuses what was signed
// more than Window away from its own clock: a call that somebody recorded is of no use after that.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
)

// Window is how far from its own clock a receiver takes a signature.
const Window = 5 * time.Minute

// The headers of a signed call.
const (
	TimestampHeader = "Stepwell-Timestamp" // seconds since 1970 at which the call was signed
	Header          = "Stepwell-Signature" // version and what Sign gives
	version         = "v1="
)

// Faults of a received call.
var (
	ErrMissing = fault.Define(fault.Unauthenticated, "signature.missing", "This call must be signed: it needs the headers Stepwell-Timestamp and Stepwell-Signature.", "此调用必须签名：缺少 Stepwell-Timestamp 或 Stepwell-Signature 请求头。")
	ErrOld     = fault.Define(fault.Unauthenticated, "signature.old", "This call was signed more than five minutes from now. Check the clock of the sender.", "此调用的签名时间与当前时间相差超过五分钟，请检查发送方的时钟。")
	ErrWrong   = fault.Define(fault.Unauthenticated, "signature.wrong", "The signature does not fit this call. Check the shared secret, and that the bytes signed are those sent.", "签名与内容不符，请检查共享密钥，并确认签名的内容就是发送的内容。")
)

// Sign is the signature of a body at a moment, in hex, without the version before it.
func Sign(key, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Put signs a call that is about to be made.
func Put(header http.Header, key string, now time.Time, body []byte) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	header.Set(TimestampHeader, stamp)
	header.Set(Header, version+Sign(key, stamp, body))
}

// Check reports whether a received call was signed with the key: ErrMissing, ErrOld or ErrWrong when not.
func Check(header http.Header, key string, now time.Time, body []byte) error {
	stamp, signed := header.Get(TimestampHeader), header.Get(Header)
	given, known := strings.CutPrefix(signed, version)
	if stamp == "" || !known {
		return ErrMissing.With(nil)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return ErrMissing.With(nil)
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > Window {
		return ErrOld.With(nil)
	}
	if !hmac.Equal([]byte(given), []byte(Sign(key, stamp, body))) {
		return ErrWrong.With(nil)
	}
	return nil
}

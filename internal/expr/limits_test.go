package expr

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLimits(t *testing.T) {
	env, err := NewEnv(Schema{Fields: []Field{{Key: "discount", Kind: Number}}}.WithLimits([]string{"discount"}))
	require.NoError(t, err)

	t.Run("of_who_acts_and_of_the_owner_can_be_compared", func(t *testing.T) {
		p := compile(t, env, "form.discount > user.limits.discount && form.discount <= record.limits.discount", WantBool)
		require.Equal(t, []string{"form.discount", "record.limits.discount", "user.limits.discount"}, p.References())
		of := func(n float64) map[string]any { return map[string]any{"limits": map[string]any{"discount": n}} }
		vars := Vars{FormVar: map[string]any{"discount": 7.5}, UserVar: of(5), RecordVar: of(10), NowVar: time.Unix(0, 0).UTC()}
		holds, err := p.EvalBool(vars)
		require.NoError(t, err)
		require.True(t, holds)
		vars[UserVar] = nil
		holds, err = p.EvalBool(vars)
		require.NoError(t, err)
		require.False(t, holds, "without a limit nothing is above it")
	})

	t.Run("one_that_is_not_there_is_named", func(t *testing.T) {
		_, problems := env.Compile("user.limits.discuont > 1", WantBool)
		require.Len(t, problems, 1)
		require.Equal(t, "expr.unknownField", problems[0].Code.ID)
	})
}

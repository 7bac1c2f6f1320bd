package compat

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type gormPerson struct {
	ID   string `gorm:"primaryKey"`
	City string `gorm:"primaryKey"`
	Name string
	Age  *int
}

func (gormPerson) TableName() string { return "people" }

// gorm works over a *sql.DB with its postgres dialector, which writes $1 and "names".
func TestGorm(t *testing.T) {
	_, sqlDB := open(t)
	fill(t, sqlDB)
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: sqlDB, PreferSimpleProtocol: true, WithoutReturning: true}),
		&gorm.Config{
			Logger: logger.Discard, DisableAutomaticPing: true, SkipDefaultTransaction: true,
		})
	require.NoError(t, err)
	db = db.WithContext(t.Context())

	var people []gormPerson
	require.NoError(t, db.Where("city = ?", "Oslo").Order("name desc").Find(&people).Error)
	require.Len(t, people, 2)
	require.Equal(t, "Cy", people[0].Name)
	require.NoError(t, db.Where(&gormPerson{City: "Oslo"}).Where(map[string]any{"name": "Bo"}).Find(&people).Error)
	require.Len(t, people, 1)
	var p gormPerson
	require.NoError(t, db.First(&p, "id = ?", "1").Error)
	require.Equal(t, "Ada", p.Name)
	require.ErrorIs(t, db.First(&gormPerson{}, "id = ?", "none").Error, gorm.ErrRecordNotFound)
	var n int64
	require.NoError(t,
		db.Model(&gormPerson{}).Where("age IS NOT NULL AND name IN ?", []string{"Ada", "Bo", "x"}).Count(&n).Error)
	require.EqualValues(t, 2, n)
	require.NoError(t, db.Raw("SELECT c.name, c.age FROM people c WHERE c.id = ?", "2").Scan(&p).Error)
	require.Equal(t, "Bo", p.Name)
	var names []string
	require.NoError(t,
		db.Model(&gormPerson{}).Not("city = ?", "London").Order("name").Limit(5).Offset(1).Pluck("name", &names).Error)
	require.Equal(t, []string{"Cy"}, names)

	require.NoError(t, db.Create(&gormPerson{ID: "4", City: "Rome", Name: "Di"}).Error)
	changed := db.Model(&gormPerson{ID: "4", City: "Rome"}).Update("name", "Dina")
	require.NoError(t, changed.Error)
	require.EqualValues(t, 1, changed.RowsAffected)
	age := 7
	saved := db.Save(&gormPerson{ID: "4", City: "Rome", Name: "Dina", Age: &age})
	require.NoError(t, saved.Error)
	require.EqualValues(t, 1, saved.RowsAffected)
	changed = db.Model(&gormPerson{}).Where("name = ?", "Dina").Updates(map[string]any{"age": gorm.Expr("age + ?", 1)})
	require.NoError(t, changed.Error)
	require.Equal(t, []any{"Dina 8"}, rows(t, sqlDB, "SELECT c.name, c.age FROM people c WHERE c.id = '4'"))
	require.NoError(t, db.Exec("UPDATE people SET nick = ? WHERE id = ?", "D", "4").Error)

	deleted := db.Delete(&gormPerson{ID: "4", City: "Rome"})
	require.NoError(t, deleted.Error)
	require.EqualValues(t, 1, deleted.RowsAffected)
	deleted = db.Where("name <> ?", "Ada").Delete(&gormPerson{})
	require.NoError(t, deleted.Error)
	require.EqualValues(t, 2, deleted.RowsAffected)
	require.ErrorIs(t, db.Delete(&gormPerson{}).Error, gorm.ErrMissingWhereClause)
	require.NoError(t, db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&gormPerson{ID: "5", City: "Paris"}).Error; err != nil {
			return err
		}
		return tx.Create(&gormPerson{ID: "6", City: "Paris"}).Error
	}))
	require.Equal(t, []any{"3"}, rows(t, sqlDB, "SELECT VALUE COUNT(1) FROM people c"))

	require.ErrorContains(t, db.AutoMigrate(&gormPerson{}), "", "which asks for catalogs that there are not")
	require.ErrorContains(t, db.Joins("JOIN orders ON orders.person = people.id").Find(&people).Error,
		"its own arrays only")
}

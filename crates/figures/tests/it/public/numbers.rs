//! The numbers on the pages are those of the ledger, in words, on both maps.

use super::desk::{Desk, desks};
use figures::Value;
use uuid::Uuid;

fn vi(n: usize) -> String {
    lang::show::number(n.into(), 0)
}

/// 3 of every province's communes fall short, 2 are silent, 1 does not know; the rest pass.
async fn judged(desk: &Desk, province: Uuid) -> usize {
    let units = desk.reporters("dat_8_4", "2025", province);
    let values = units.iter().enumerate().filter_map(|(nth, unit)| match nth {
        0..3 => Some((*unit, Value::Number(0))),
        3..5 => None,
        5 => Some((*unit, Value::NotKnown)),
        _ => Some((*unit, Value::Number(1))),
    });
    desk.load("dat_8_4", "2025", values.collect()).await;
    units.len()
}

#[tokio::test]
async fn the_finding_counts_units() {
    for desk in desks().await {
        let province = desk.province("24");
        let n = judged(&desk, province).await;
        let page = desk.page("/measures/dat_8_4?unit=24&period=2025").await;
        let said = page.h1();
        assert!(said.contains(&format!(": {} trong {n} xã đạt chỉ tiêu 8.4", n - 6)), "{said}");
        assert!(said.ends_with("; 3 chưa đạt, 2 chưa báo cáo, 1 nói chưa biết"), "{said}");
        assert!(page.text.contains(&format!("3 xã chưa đạt / {n}")) && page.text.matches("<tr><th scope=\"row\">").count() == 3);
        assert!(page.text.contains("<svg class=\"map\"") && page.text.contains("Bắc Ninh"));
        let all = desk.page("/measures/dat_8_4?unit=24&period=2025&show=all").await;
        assert!(all.text.contains("1 nói chưa biết") && all.text.contains("năm 2025 (15/12/2024–14/12/2025)"), "{}", all.text);
        let english = desk.get_with("/measures/dat_8_4?unit=24&period=2025", &[("cookie", "cl_prefs=en.auto.0")]).await;
        assert!(english.h1().ends_with(&format!(": {} of {n} communes; 3 do not, 2 have not reported, 1 does not know", n - 6)), "{}", english.h1());
        // A longer way round to the same number.
        let figure = desk.page("/why?measure=dat_8_4&unit=24&period=2025").await;
        assert!(figure.text.contains(&format!("{} ÷ {n}", n - 6)), "{}", figure.text);
        assert!(figure.text.contains("vẫn nằm trong mẫu số"));
        let board = desk.page("/completeness?unit=24&period=2025&measure=dat_8_4").await;
        assert!(board.h1().contains(&format!("{} trong {n} số liệu của năm 2025 đã duyệt; 3 còn thiếu", n - 3)), "{}", board.h1());
        assert!(board.text.contains("3 nơi còn thiếu"));
        // The nation: all others are missing, none of them is zero.
        let nation = desk.page("/measures/dat_8_4?period=2025").await;
        let all = desk.reporters("dat_8_4", "2025", desk.world.figures.places().atlas().nation().unwrap()).len();
        assert!(nation.h1().starts_with(&format!("{} trong {} xã", n - 6, vi(all))), "{}", nation.h1());
        assert!(nation.h1().contains(&format!("{} chưa báo cáo", vi(all - n + 2))), "{}", nation.h1());
    }
}

#[tokio::test]
async fn sums_are_the_same_on_both_maps() {
    for desk in desks().await {
        let nation = desk.world.figures.places().atlas().nation().unwrap();
        let units = desk.reporters("so_ho", "2024", nation);
        let total: usize = (1..=units.len()).sum();
        let values = units.iter().zip(1i64..).map(|(u, n)| (*u, Value::Number(n))).collect();
        desk.load("so_ho", "2024", values).await;
        let then = desk.page("/measures/so_ho?period=2024").await;
        assert_eq!(then.h1(), format!("Số hộ: {} hộ; đủ {} đơn vị cấp xã", vi(total), vi(units.len())));
        assert_eq!(then.text.matches("<tr><th scope=\"row\">").count(), 50, "63 provinces come in two pages");
        assert!(!then.text.contains("ước tính"));
        let second = desk.page("/measures/so_ho?period=2024&page=2").await;
        assert_eq!(second.text.matches("<tr><th scope=\"row\">").count(), 13);
        let today = desk.page("/measures/so_ho?period=2024&tree=today").await;
        assert!(today.h1().contains(&vi(total)), "{}", today.h1());
        assert!(today.text.contains("ước tính") && today.text.contains("≈"));
        assert_eq!(today.text.matches("<tr><th scope=\"row\">").count(), 34);
        // A commune of today opens down to the communes it was made of.
        let phuc_hoa = desk.page("/why?measure=so_ho&unit=07330&period=2024&tree=today").await;
        assert!(phuc_hoa.text.contains("Từ những đơn vị cũ nào") && phuc_hoa.text.contains("100%"), "{}", phuc_hoa.text);
        // An old code means the old place in its time, and the new place now.
        assert!(desk.page("/measures/so_ho?unit=24&period=2024").await.h1().contains("tỉnh Bắc Giang"));
        assert!(desk.page("/measures/so_ho?unit=24&period=2025").await.text.contains("Bắc Ninh"));
        // All communes of the old country, page by page, by value.
        let deep = desk.page("/measures/so_ho?period=2024&level=commune&sort=-value&page=3").await;
        assert!(deep.text.contains(&vi(units.len() - 100)) && deep.text.contains(&format!("101–150 / {}", units.len())), "{}", deep.text.len());
    }
}

#[tokio::test]
async fn two_places_and_two_periods_are_compared_in_words() {
    for desk in desks().await {
        let (one, other) = (desk.province("24"), desk.province("38"));
        let mut values: Vec<(Uuid, Value)> = vec![(desk.reporters("ho_so_mang_xa", "2026-Q2", one)[0], Value::Ratio { n: 9, of: 10 })];
        values.push((desk.reporters("ho_so_mang_xa", "2026-Q2", other)[0], Value::Ratio { n: 4, of: 5 }));
        desk.load("ho_so_mang_xa", "2026-Q2", values.clone()).await;
        values[0].1 = Value::Ratio { n: 3, of: 4 };
        desk.load("ho_so_mang_xa", "2026-Q1", values).await;
        let page = desk.page("/compare?measure=ho_so_mang_xa&a=24&b=38&period=2026-Q2").await;
        assert!(page.h1().contains("cao hơn") && page.h1().ends_with("10 điểm"), "{}", page.h1());
        assert!(page.text.contains("9/10") && page.text.contains("4/5"));
        let periods = desk.page("/compare?measure=ho_so_mang_xa&a=24&period=2026-Q2&period2=2026-Q1").await;
        assert_eq!(periods.h1(), "Quý II/2026 cao hơn quý I/2026 15 điểm");
        // Over a year the quarters are added up: 9 of 10 and 3 of 4, and of the others 4 of 5 twice.
        let year = desk.page("/measures/ho_so_mang_xa?unit=24&period=2026-H1").await;
        assert!(year.h1().contains("85,7%, là 12 trong 14"), "{}", year.h1());
        let panel = desk.page(&format!("/places/{one}")).await;
        assert!(panel.text.contains("id=\"so-lieu\"") && panel.text.contains("<b>90%</b>"), "{}", panel.text);
    }
}

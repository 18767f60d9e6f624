use super::org::{Org, PASSWORD};
#[tokio::test]
async fn timing() {
    let org = Org::start().await;
    let t = std::time::Instant::now();
    let browsers = org.browsers().await;
    println!("start {:?}", t.elapsed());
    for page in ["gen2", "gen3", "redirect"] {
        let (mut u, mut a) = (vec![], vec![]);
        for _ in 0..20 {
            let t = std::time::Instant::now();
            let mut user = browsers.user().await.unwrap();
            u.push(t.elapsed());
            let t = std::time::Instant::now();
            org.sign_in(&mut user, page, PASSWORD).await;
            a.push(t.elapsed());
        }
        u.sort();
        a.sort();
        println!(
            "{page} user {:?} sign-in {:?} max {:?}",
            u[10], a[10], a[19]
        );
    }
    let t = std::time::Instant::now();
    browsers.close().await;
    println!("close {:?}", t.elapsed());
}
